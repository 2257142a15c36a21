import type { CacheTotals } from '#runtime/cache-totals';
import type { MemoryGate } from '#runtime/redis-health';
import type { SystemMonitor } from '#runtime/system';
import type { QueueDesk } from './deps.ts';
import type { Machine } from './recommendation.ts';

export interface StatsParts {
  system: SystemMonitor;
  queues: QueueDesk;
  memory: MemoryGate;
  /** Of all workers. */
  readCache: () => Promise<CacheTotals>;
  version: string;
  startedAt: Date;
}

/** The machine, the queues and the caches of the workers at one look. */
export async function readStats({ system, queues, memory, readCache, version, startedAt }: StatsParts): Promise<Record<string, unknown>> {
  const [machine, waiting, cache] = await Promise.all([system.read(), queues.list(), readCache()]);
  return {
    version,
    started_at: startedAt.toISOString(),
    machine: {
      cpus: machine.cpus,
      cpu_share: machine.cpuShare,
      load1: machine.load1,
      memory_total_bytes: machine.memoryTotalBytes,
      memory_available_bytes: machine.memoryAvailableBytes,
      disk_free_bytes: machine.diskFreeBytes,
      disk_total_bytes: machine.diskTotalBytes,
    },
    api: { memory_rss_bytes: machine.memoryRssBytes, event_loop_delay_p99_ms: machine.eventLoopDelayP99Ms },
    redis: { memory_share: memory.fraction() },
    queues: waiting,
    cache,
  };
}

/** The hardware that this process runs on; `capabilities` are of the ffmpeg that it found. */
export async function readMachine(
  system: SystemMonitor,
  { version, encoders, hardware }: { version: string; encoders: ReadonlySet<string>; hardware: ReadonlySet<string> },
): Promise<Machine> {
  const { cpus, memoryTotalBytes, memoryAvailableBytes } = await system.read();
  return {
    cpus,
    memory_total_bytes: memoryTotalBytes,
    memory_available_bytes: memoryAvailableBytes,
    ffmpeg: version,
    encoders: [...encoders],
    hardware: [...hardware],
  };
}
