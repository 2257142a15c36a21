import { randomUUID } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { createLogger } from '#runtime/log';
import { createProducer, createWorker, type WorkerOptions } from '#runtime/queue';
import type { Handler, Producer, QueueWorker } from '#runtime/queue-types';

/** Locks so short that a lost one is found within two seconds. */
export const shortLocks = { lockMs: 1_000, renewMs: 300, stalledMs: 500 };

export interface TestQueues {
  producer: Producer;
  /** Closed when the test ends. */
  work(handler: Handler, options?: Partial<WorkerOptions>): QueueWorker;
}

/** A producer, and workers of the pool `render`, on a key prefix of their own. */
export async function openQueues(redisUrl: string): Promise<TestQueues> {
  const common = { redisUrl, prefix: `{test-${randomUUID()}}`, log: createLogger({ level: 'silent', name: 'test' }) };
  const producer = createProducer(common);
  onTestFinished(() => producer.close());
  await producer.whenReady(AbortSignal.timeout(5_000));
  return {
    producer,
    work(handler, options = {}) {
      const worker = createWorker({ pool: 'render', concurrency: 1, locks: shortLocks, ...common, handler, ...options });
      onTestFinished(() => worker.close(0));
      return worker;
    },
  };
}
