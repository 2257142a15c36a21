import { stat } from 'node:fs/promises';
import type { NodeStats } from '#engine/types';
import type { MediaTools } from '#media/ffmpeg';

export interface Meter {
  media: MediaTools;
  readBytes(path: string): Promise<void>;
  wroteBytes(bytes: number): void;
  stats(): NodeStats;
}

/** Adds up what a node costs: its children's CPU and memory, the worker's own CPU meanwhile, bytes in and out. */
export function createMeter(media: MediaTools, worker: string): Meter {
  const startedMs = performance.now();
  const own = process.cpuUsage();
  const sum = { childCpuS: 0, peakBytes: 0, read: 0, written: 0 };
  return {
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
    stats() {
      const { user, system } = process.cpuUsage(own);
      return {
        wall_s: round((performance.now() - startedMs) / 1000),
        cpu_s: round(sum.childCpuS + (user + system) / 1e6),
        peak_memory_mb: round(sum.peakBytes / 1e6),
        bytes_read: sum.read,
        bytes_written: sum.written,
        worker,
      };
    },
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
