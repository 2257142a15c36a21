import { readFile, statfs } from 'node:fs/promises';
import { availableParallelism, cpus, freemem, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** One look at the machine. Shares are 0–1 over the time since the look before. */
export interface SystemReading {
  cpus: number;
  cpuShare: number;
  load1: number;
  memoryTotalBytes: number;
  /** What can be had without swapping, caches included. */
  memoryAvailableBytes: number;
  /** Of this process. */
  memoryRssBytes: number;
  diskFreeBytes: number;
  diskTotalBytes: number;
  eventLoopDelayP99Ms: number;
}

export interface SystemMonitor {
  read(): Promise<SystemReading>;
  close(): void;
}

/** Watches the machine and the disk that holds `folder`. */
export function createSystemMonitor(folder: string): SystemMonitor {
  const delayMonitor = monitorEventLoopDelay({ resolution: 10 });
  delayMonitor.enable();
  let before = cpuTimes();
  return {
    async read() {
      const now = cpuTimes();
      const cpuShare = busyShare(before, now);
      before = now;
      const [memoryAvailableBytes, disk] = await Promise.all([readAvailableMemory(), statfs(folder)]);
      const eventLoopDelayP99Ms = delayMonitor.percentile(99) / 1e6;
      delayMonitor.reset();
      return {
        cpus: availableParallelism(),
        cpuShare,
        load1: loadavg()[0] ?? 0,
        memoryTotalBytes: totalmem(),
        memoryAvailableBytes,
        memoryRssBytes: process.memoryUsage.rss(),
        diskFreeBytes: disk.bavail * disk.bsize,
        diskTotalBytes: disk.blocks * disk.bsize,
        eventLoopDelayP99Ms,
      };
    },
    close: () => delayMonitor.disable(),
  };
}

export interface CpuTimes {
  idleMs: number;
  totalMs: number;
}

/** Pure: share of the time between two looks in which the processors worked. */
export function busyShare(before: CpuTimes, after: CpuTimes): number {
  const total = after.totalMs - before.totalMs;
  return total <= 0 ? 0 : Math.min(1, Math.max(0, 1 - (after.idleMs - before.idleMs) / total));
}

function cpuTimes(): CpuTimes {
  const sum: CpuTimes = { idleMs: 0, totalMs: 0 };
  for (const { times } of cpus()) {
    sum.idleMs += times.idle;
    sum.totalMs += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return sum;
}

/** Pure: `MemAvailable` of /proc/meminfo, in bytes; null when the text has none. */
export function parseMemAvailable(meminfo: string): number | null {
  const found = /^MemAvailable:\s+(\d+) kB$/m.exec(meminfo);
  return found ? Number(found[1]) * 1_024 : null;
}

/** In bytes. A container's limit is smaller than the machine, so the smaller of both answers counts. */
export async function readAvailableMemory(): Promise<number> {
  const machine = parseMemAvailable(await readFile('/proc/meminfo', 'utf8').catch(() => '')) ?? freemem();
  const [limit, used] = await Promise.all(['memory.max', 'memory.current'].map(readGroupFigure));
  return limit && used ? Math.min(machine, Math.max(0, limit - used)) : machine;
}

async function readGroupFigure(name: string): Promise<number | null> {
  const text = await readFile(`/sys/fs/cgroup/${name}`, 'utf8').catch(() => '');
  return /^\d+$/.test(text.trim()) ? Number(text) : null;
}
