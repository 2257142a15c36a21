import type { Pool } from '#contracts/pipeline';
import { cancelChannel } from '#engine/jobs';
import type { Logger } from '#runtime/log';
import { createWorker, type WorkerOptions } from '#runtime/queue';
import type { Handler, QueueWorker } from '#runtime/queue-types';
import type { RedisClient } from '#runtime/redis';
import type { Telemetry } from '#runtime/telemetry';

export interface PoolsParts {
  pools: readonly Pool[];
  concurrency: Record<Pool, number>;
  redisUrl: string;
  locks: NonNullable<WorkerOptions['locks']>;
  /** Hears of cancelled jobs. */
  subscriber: RedisClient;
  handlers: Record<Pool, Handler>;
  telemetry: Telemetry;
  /** An entry of the pool has ended, well or badly, after so many seconds. */
  onEnd: (pool: Pool, seconds: number) => void;
  log: Logger;
}

export interface Pools {
  /** Hands back what runs and is gone within about `graceMs`. */
  close(graceMs: number): Promise<void>;
}

/** One queue worker per pool, and an ear for cancellations. */
export async function createPools(parts: PoolsParts): Promise<Pools> {
  const { subscriber } = parts;
  const workers = parts.pools.map((pool) => [pool, start(pool, parts)] as const);
  subscriber.on('message', (channel, jobId) => {
    if (channel === cancelChannel) for (const [, worker] of workers) cancelJob(worker, jobId);
  });
  await subscriber.subscribe(cancelChannel);
  return { close: async (graceMs) => void (await Promise.all(workers.map(([, worker]) => worker.close(graceMs)))) };
}

function start(pool: Pool, { concurrency, redisUrl, locks, handlers, telemetry, onEnd, log }: PoolsParts): QueueWorker {
  let busy = 0;
  const show = (change: number) => {
    busy += change;
    telemetry.workers.slots.set({ pool, state: 'busy' }, busy);
    telemetry.workers.slots.set({ pool, state: 'idle' }, Math.max(0, concurrency[pool] - busy));
  };
  telemetry.workers.concurrency.set({ pool }, concurrency[pool]);
  show(0);
  const handler: Handler = async (item) => {
    show(1);
    const startedMs = performance.now();
    try {
      return await handlers[pool](item);
    } finally {
      onEnd(pool, (performance.now() - startedMs) / 1000);
      show(-1);
    }
  };
  return createWorker({ pool, concurrency: concurrency[pool], redisUrl, locks, log, handler });
}

/** Queue ids begin with the job's. */
function cancelJob(worker: QueueWorker, jobId: string): void {
  for (const id of worker.running()) if (id.startsWith(`${jobId}.`)) worker.cancel(id);
}
