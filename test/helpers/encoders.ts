import { readFileSync } from 'node:fs';
import { processesOf } from './leftovers.ts';

/** Running ffmpegs of a scratch folder, by process id. */
export const encodersOf = (scratchDir: string): number[] =>
  processesOf(scratchDir)
    .filter((line) => line.includes('ffmpeg'))
    .map((line) => Number.parseInt(line, 10));

/** True when one of `ancestors` started it, or started who started it. */
export function descendsFrom(pid: number, ancestors: readonly number[]): boolean {
  for (let at = parentOf(pid); at > 1; at = parentOf(at)) if (ancestors.includes(at)) return true;
  return false;
}

/** The kernel has killed it already, and it waits for a processor to fall on: no instruction of it runs any more. */
export function isKilled(pid: number): boolean {
  try {
    const pending = readFileSync(`/proc/${pid}/status`, 'utf8').matchAll(/^(?:SigPnd|ShdPnd):\s*([0-9a-f]+)$/gm);
    return [...pending].some(([, mask]) => (BigInt(`0x${mask}`) & sigkill) !== 0n);
  } catch {
    return true;
  }
}

const sigkill = 1n << 8n;

/** 0 when it is no more. The name, which may hold anything, stands in brackets before the state. */
function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}
