import { stat } from 'node:fs/promises';
import type { NodeAi, NodeStats } from '#engine/types';
import type { MediaTools } from '#media/ffmpeg';

export interface Meter {
  media: MediaTools;
  readBytes(path: string): Promise<void>;
  wroteBytes(bytes: number): void;
  /** What is asked of models is added here. */
  ai: NodeAi;
  stats(): NodeStats;
  close(): void;
}

export type OpenMeter = () => Meter;

/** Adds up what each node costs: its children's CPU and memory, its share of the worker's own CPU, bytes in and out. */
export function createMeters(media: MediaTools, worker: string): OpenMeter {
  const own = createOwnCpu();
  return () => {
    const startedMs = performance.now();
    const share = own.join();
    const ai: NodeAi = { calls: 0, tokens_in: 0, tokens_out: 0, usd: 0, cache_hits: 0, degraded: null };
    const sum = { childCpuS: 0, peakBytes: 0, read: 0, written: 0 };
    return {
      ai,
      media: {
        ...media,
        async run(command, options) {
          const run = await media.run(command, options);
          sum.childCpuS += run.cpuS;
          sum.peakBytes = Math.max(sum.peakBytes, run.peakMemoryBytes);
          return run;
        },
      },
      async readBytes(path) {
        sum.read += (await stat(path)).size;
      },
      wroteBytes(bytes) {
        sum.written += bytes;
      },
      stats: () => ({
        wall_s: round((performance.now() - startedMs) / 1000),
        cpu_s: round(sum.childCpuS + share.seconds()),
        peak_memory_mb: round(sum.peakBytes / 1e6),
        bytes_read: sum.read,
        bytes_written: sum.written,
        worker,
        ...((ai.calls > 0 || ai.cache_hits > 0 || ai.degraded) && { ai: { ...ai } }),
      }),
      close: share.leave,
    };
  };
}

/** One process runs several nodes at once: what it spends is shared equally among those that ran meanwhile, and counted once. */
function createOwnCpu() {
  const running = new Set<{ spentS: number }>();
  let last = process.cpuUsage();
  const settle = () => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    for (const share of running) share.spentS += (user + system) / 1e6 / running.size;
  };
  return {
    join() {
      settle();
      const share = { spentS: 0 };
      running.add(share);
      return {
        seconds() {
          settle();
          return share.spentS;
        },
        leave() {
          settle();
          running.delete(share);
        },
      };
    },
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
