import { appendFileSync, readFileSync } from 'node:fs';

/** `won` = its result was filed, `late` = another one was there first, `ended` = the job's outcome is its own. */
export type What = 'start' | 'won' | 'late' | 'handed' | 'failed' | 'ended';

export interface Line {
  what: What;
  atMs: number;
  pid: number;
  /** `<job>.<run>.<node>`, or the job for `ended`. */
  name: string;
}

/** Short lines appended to one file by all workers: the kernel keeps each whole, also when its writer is killed. */
export const openLedger = (path: string) => (what: What, name: string) =>
  appendFileSync(path, `${what} ${Date.now()} ${process.pid} ${name}\n`);

export function readLedger(path: string): Line[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [what, atMs, pid, name = ''] = line.split(' ');
    return { what: what as What, atMs: Number(atMs), pid: Number(pid), name };
  });
}
