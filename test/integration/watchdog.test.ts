import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLogger } from '#runtime/log';
import { createProducer, createWorker } from '#runtime/queue';
import type { Handler, Producer, QueueWorker } from '#runtime/queue-types';
import { closeRedis, createRedis, type RedisClient, waitForRedis } from '#runtime/redis';
import { createTelemetry } from '#runtime/telemetry';
import { createPools, type Pools } from '../../apps/worker/pools.ts';
import { shortLocks } from '../helpers/queues.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';

const log = createLogger({ level: 'silent', name: 'test' });
const entry = (id: string) => ({ id, data: {}, priority: 'normal' as const });
let redis: TestRedis;
let subscriber: RedisClient;
let producer: Producer;
let pools: Pools;
let made: QueueWorker[];
let seen: string[];

beforeEach(async () => {
  redis = await startRedis();
  subscriber = createRedis({ url: redis.url, role: 'subscriber', log });
  producer = createProducer({ redisUrl: redis.url, log });
  await Promise.all([waitForRedis(subscriber, AbortSignal.timeout(5_000)), producer.whenReady(AbortSignal.timeout(5_000))]);
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] }); // the watchdog's; what queues wait by goes on
  [made, seen] = [[], []];
  const handler: Handler = async ({ id }) => {
    seen.push(id);
    return 'done';
  };
  pools = await createPools({
    pools: ['render'],
    concurrency: { prepare: 1, ai: 1, render: 1, deliver: 1 },
    redisUrl: redis.url,
    locks: shortLocks,
    subscriber,
    handlers: { prepare: handler, ai: handler, render: handler, deliver: handler },
    producer,
    telemetry: createTelemetry({ processMetrics: false }),
    voice: log,
    onEnd: () => undefined,
    openWorker: (options) => {
      const worker = createWorker(options);
      made.push(worker);
      return worker;
    },
    log,
  });
});
afterEach(async () => {
  vi.useRealTimers();
  await pools.close(1_000);
  await Promise.all([producer.close(), closeRedis(subscriber)]);
  await redis.close();
});

it('a worker that fell asleep beside a full queue is made anew within 75 s, and what waited is run once', async () => {
  await producer.enqueue('render', entry('j.before'));
  await until(() => seen.length === 1);
  await made[0]?.pause(); // the queue does not know: to Redis and to the process it is alive
  await delay(2_500); // longer than the wait for an entry that it was in
  await producer.enqueue('render', entry('j.waiting'));
  await delay(500); // an awake worker takes milliseconds
  expect(seen).toEqual(['j.before']);
  vi.advanceTimersByTime(75_000);
  await until(() => seen.length === 2, 5_000);
  expect(seen).toEqual(['j.before', 'j.waiting']);
  expect(made).toHaveLength(2);
});

it('one that merely has nothing to do is left alone', async () => {
  vi.advanceTimersByTime(300_000);
  await producer.enqueue('render', entry('j.only'));
  await until(() => seen.length === 1);
  expect(made).toHaveLength(1);
});
