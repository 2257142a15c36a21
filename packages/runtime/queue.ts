import { DelayedError, type Job, Queue, UnrecoverableError, WaitingError, Worker } from 'bullmq';
import { CutroomError } from '#contracts/errors';
import { type Pool, pools } from '#contracts/stage-declaration';
import { atMost } from './at-most.ts';
import { reach } from './failpoint.ts';
import { createErrorLog, type Logger } from './log.ts';
import { createMicroBatch } from './micro-batch.ts';
import { readCounts, readPosition, toPriorityNumber } from './queue-look.ts';
import type { AbortReason, Handler, Producer, QueueEntry, QueueWorker } from './queue-types.ts';
import { closeRedis, createRedis, isRedisReady, type RedisClient, waitForRedis } from './redis.ts';
import { toBlamelessError } from './redis-errors.ts';

/** The braces keep all keys of a queue in one Cluster slot. */
export const defaultPrefix = '{cutroom}';

export interface ProducerOptions {
  redisUrl: string;
  log: Pick<Logger, 'warn'>;
  prefix?: string;
}

/** The way in: refused at once when Redis is down, after 0.5 s when it hangs. Entries leave no trace when they end. */
export function createProducer({ redisUrl, log, prefix = defaultPrefix }: ProducerOptions): Producer {
  const redis = createRedis({ url: redisUrl, role: 'producer', log });
  const queues = new Map<Pool, Queue>();
  // A queue made before the first connection would refuse for ever, so each is made at its first use afterwards.
  const queueOf = (pool: Pool): Queue => {
    if (!isRedisReady(redis)) throw unavailable();
    const found = queues.get(pool);
    if (found) return found;
    const queue = openQueue({ pool, redis, prefix, log });
    queues.set(pool, queue);
    return queue;
  };

  const asked = async <T>(use: () => Promise<T>): Promise<T> => {
    try {
      return await use();
    } catch (error) {
      throw error instanceof CutroomError ? error : unavailable(error);
    }
  };

  const send = async (entries: (QueueEntry & { pool: Pool })[]) => {
    const addTo = async (pool: Pool) => {
      const jobs = entries.filter((entry) => entry.pool === pool).map(toBulkJob);
      if (jobs.length > 0) await queueOf(pool).addBulk(jobs);
    };
    await asked(() => Promise.all(pools.map(addTo)));
  };
  const push = createMicroBatch(send);

  return {
    enqueue: (pool, entry) => push({ ...entry, pool }),
    enqueueMany: async (entries) => void (await Promise.all(entries.map(push))),
    remove: (pool, id) => asked(async () => (await queueOf(pool).remove(id)) === 1),
    counts: () => asked(() => readCounts(redis, prefix, Date.now())),
    position: (pool, id) => asked(() => readPosition(redis, { prefix, pool, id })),
    workers: (pool) => asked(() => queueOf(pool).getWorkersCount()),
    pause: (pool) => asked(() => queueOf(pool).pause()),
    resume: (pool) => asked(() => queueOf(pool).resume()),
    handles: () => pools.map(queueOf),
    isReady: () => isRedisReady(redis),
    whenReady: (signal) => waitForRedis(redis, signal),
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await closeRedis(redis);
    },
  };
}

function unavailable(cause?: unknown): CutroomError {
  return new CutroomError('QUEUE_UNAVAILABLE', { detail: 'Redis does not answer.', retryAfterS: 2, cause });
}

function openQueue({ pool, redis, prefix, log }: { pool: Pool; redis: RedisClient; prefix: string; log: Pick<Logger, 'warn'> }): Queue {
  const queue = new Queue(pool, {
    connection: redis,
    prefix,
    skipWaitingForReady: true,
    // Nobody reads the event stream; history belongs to the manifest.
    streams: { events: { maxLen: 100 } },
  });
  queue.on('error', createErrorLog({ log, message: `queue ${pool} has a fault` }));
  return queue;
}

const validId = /^(?!\d+$)[A-Za-z0-9._-]{1,200}$/;

function toBulkJob({ pool, id, data, delayMs, attempts, ...rank }: QueueEntry & { pool: Pool }) {
  if (!validId.test(id)) throw new CutroomError('INTERNAL', 'A queue id holds letters, digits, dot, dash and underscore.');
  const opts = {
    jobId: id,
    priority: toPriorityNumber(rank),
    attempts: attempts ?? 3,
    backoff: { type: 'jittered' },
    // Kept leftovers would swallow the same id when it is queued again.
    removeOnComplete: true,
    removeOnFail: true,
    stackTraceLimit: 0,
    ...(delayMs ? { delay: delayMs } : {}),
  };
  return { name: pool, data, opts };
}

export interface WorkerOptions {
  pool: Pool;
  concurrency: number;
  redisUrl: string;
  log: Pick<Logger, 'warn'>;
  handler: Handler;
  prefix?: string;
  /** How often a living worker renews the lock of an entry, and how often the entries of dead ones are looked for. */
  locks?: { lockMs: number; renewMs: number; stalledMs: number };
}

/** Takes entries of one pool. Starts at once; `close` hands back what runs. */
export function createWorker(options: WorkerOptions): QueueWorker {
  const { pool, log, handler, prefix = defaultPrefix, locks = { lockMs: 10_000, renewMs: 3_000, stalledMs: 5_000 } } = options;
  const redis = createRedis({ url: options.redisUrl, role: 'worker', log });
  const running = new Map<string, AbortController>();
  const runs = new Set<Promise<unknown>>();
  const abort = (id: string, reason: AbortReason): boolean => {
    running.get(id)?.abort(reason);
    return running.has(id);
  };

  const run = async (job: Job, token = ''): Promise<'done'> => {
    const id = job.id ?? '';
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const attempt = job.attemptsMade + 1;
      return await handler({ id, data: job.data, attempt, lastAttempt: attempt >= (job.opts.attempts ?? 1), signal: controller.signal });
    } catch (thrown) {
      throw await settle({ job, token, thrown, reason: controller.signal.aborted ? controller.signal.reason : null, log });
    } finally {
      running.delete(id);
    }
  };

  const tracked = (job: Job, token?: string): Promise<'done'> => {
    const ended = run(job, token);
    runs.add(ended);
    ended.catch(() => {}).finally(() => runs.delete(ended));
    return ended;
  };

  const worker = new Worker(pool, tracked, {
    connection: redis,
    prefix,
    concurrency: options.concurrency,
    lockDuration: locks.lockMs,
    lockRenewTime: locks.renewMs,
    stalledInterval: locks.stalledMs,
    maxStalledCount: 50,
    // A handed-back entry wakes nobody who already waits, so nobody waits longer than this.
    drainDelay: 2,
    settings: { backoffStrategy: (attempt, _type, error) => retryDelayMs(attempt, error) },
  });
  worker.on('error', createErrorLog({ log, message: `worker ${pool} has a fault` }));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) abort(id, 'lock_lost');
  });

  return {
    cancel: (id) => abort(id, 'cancelled'),
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    setConcurrency(concurrency) {
      worker.concurrency = concurrency;
    },
    running: () => [...running.keys()],
    async close(graceMs = 10_000) {
      const untilMs = performance.now() + graceMs;
      // Paused first: otherwise this worker would take back what it hands back.
      await worker.pause(true);
      for (const id of running.keys()) abort(id, 'shutdown');
      const ended = await atMost(graceMs, Promise.allSettled(runs));
      // The orderly way waits for Redis, for ever if need be; entries that it would still report are found by the stalled sweep.
      const orderly = ended && isRedisReady(redis) && (await atMost(untilMs - performance.now(), worker.close()));
      if (!orderly) await atMost(500, worker.close(true));
      await closeRedis(redis);
    },
  };
}

/** How BullMQ learns what happens next: it reads the class of what the processor throws. */
async function settle({ job, token, thrown, reason, log }: Settlement): Promise<Error> {
  const error = toBlamelessError(thrown);
  const moved = (move: Promise<unknown>) =>
    move.catch((fault: unknown) => log.warn({ err: fault, id: job.id }, 'the entry could not be moved; the stalled sweep will take it'));
  // Not a word to Redis: whoever holds the lock now decides.
  if (reason === 'lock_lost') return new WaitingError();
  if (reason === 'cancelled') return new UnrecoverableError('CANCELLED');
  if (reason === 'shutdown') {
    await reach('handback.before');
    await moved(job.moveToWait(token));
    return new WaitingError();
  }
  switch (error.row.disposition) {
    case 'fail':
      return new UnrecoverableError(error.code);
    case 'retry':
      return error;
    case 'wait':
      await moved(job.moveToDelayed(Date.now() + waitDelayMs(error), token));
      return new DelayedError();
  }
}

interface Settlement {
  job: Job;
  token: string;
  thrown: unknown;
  reason: AbortReason | null;
  log: Pick<Logger, 'warn'>;
}

/** Exponential from 1 s with half of it random, so that neighbours of one fault do not come back together. */
export function retryDelayMs(attempt: number, error?: Error, random = Math.random): number {
  const asked = error instanceof CutroomError ? (error.details.retryAfterS ?? 0) * 1_000 : 0;
  const ceiling = 1_000 * 2 ** Math.min(attempt - 1, 8);
  return Math.max(asked, Math.round(ceiling * (0.5 + random() / 2)));
}

/** Parked without blame: as long as the error asks, 5 s otherwise, up to a fifth more. */
export function waitDelayMs(error: CutroomError, random = Math.random): number {
  return Math.round((error.details.retryAfterS ?? 5) * 1_000 * (1 + random() / 5));
}
