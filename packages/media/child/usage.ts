import { readFileSync } from 'node:fs';

export interface ProcessUsage {
  cpuS: number;
  peakMemoryBytes: number;
  /** Bytes read so far through system calls: the sign of life of a run that decodes but yields no frames. */
  readBytes: number;
}

/** Ticks of `/proc/<pid>/stat`: USER_HZ, 100 on every Linux platform that Node runs on. */
const ticksPerS = 100;

/** Kernel counters of a living process; the peak is the kernel's own high-water mark. Null where `/proc` has no such pid. */
export function readProcessUsage(pid: number): ProcessUsage | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const peak = /VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
    return { cpuS: parseCpuS(stat), peakMemoryBytes: Number(peak?.[1] ?? 0) * 1024, readBytes: readInputBytes(pid) };
  } catch {
    return null;
  }
}

/** utime + stime + those of reaped children, in seconds; fields 14–17 counted after the name, which may hold spaces. */
export function parseCpuS(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerS;
}

function readInputBytes(pid: number): number {
  try {
    const io = readFileSync(`/proc/${pid}/io`, 'latin1');
    return Number(/rchar: (\d+)/.exec(io)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
