import { readdirSync, readFileSync } from 'node:fs';

const everyMs = 100;

/** Peak of the summed resident memory of these processes and all their descendants, in MB (10^6). */
export function watchMemory(roots: readonly number[]): { stop(): number } {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, sumMemory(roots));
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return peak / 1e6;
    },
  };
}

function sumMemory(roots: readonly number[]): number {
  const parents = new Map<number, { parent: number; bytes: number }>();
  for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) look(Number(name), parents);
  const belongs = (pid: number): boolean =>
    roots.includes(pid) || (parents.has(pid) && belongs((parents.get(pid) as { parent: number }).parent));
  return [...parents].reduce((sum, [pid, { bytes }]) => sum + (belongs(pid) ? bytes : 0), 0);
}

function look(pid: number, into: Map<number, { parent: number; bytes: number }>): void {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    into.set(pid, { parent, bytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024 });
  } catch {
    // it ended between the listing and the look
  }
}
