import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger, type Logger } from '#runtime/log';
import { closeRedis, createRedis, type RedisClient } from '#runtime/redis';
import { assertNoEviction, createMemoryGate, readRedisInfo } from '#runtime/redis-health';
import { openQueues } from '../helpers/queues.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';

const entry = (id: string) => ({ id, data: {}, priority: 'normal' as const });
let redis: TestRedis;
const clients: RedisClient[] = [];

beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => closeRedis(client)));
  await redis.close();
});

async function timed<T>(work: Promise<T>): Promise<{ ms: number; error: unknown }> {
  const startedMs = performance.now();
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return { ms: performance.now() - startedMs, error };
}

function connect(
  role: 'producer' | 'commands' | 'worker' | 'subscriber',
  log: Logger = createLogger({ level: 'silent', name: 'test' }),
): RedisClient {
  const client = createRedis({ url: redis.url, role, log });
  clients.push(client);
  return client;
}

describe('when Redis is gone', () => {
  it('the producer refuses at once, and takes work again within 5 s of its return', async () => {
    const { producer } = await openQueues(redis.url);
    await producer.enqueue('render', entry('j.before'));
    await redis.kill();
    await until(() => !producer.isReady());
    const asks = [() => producer.enqueue('render', entry('j.x')), () => producer.counts(), () => producer.remove('render', 'j.before')];
    for (const ask of asks) {
      const { ms, error } = await timed<unknown>(ask());
      expect(error).toMatchObject({ code: 'QUEUE_UNAVAILABLE', details: { retryAfterS: 2 } });
      expect(ms).toBeLessThan(100);
    }
    await redis.restart();
    await producer.whenReady(AbortSignal.timeout(5_000));
    await producer.enqueue('render', entry('j.after'));
    expect((await producer.counts()).render.waiting).toBe(2);
  });

  it('a worker goes on with its work, ends it, and finds the next entry after the return', async () => {
    const { producer, work } = await openQueues(redis.url);
    const seen: string[] = [];
    work(async ({ id }) => {
      seen.push(id);
      return 'done';
    });
    await producer.enqueue('render', entry('j.one'));
    await until(() => seen.length === 1);
    await redis.kill();
    await redis.restart();
    await producer.whenReady(AbortSignal.timeout(5_000));
    await producer.enqueue('render', entry('j.two'));
    await until(() => seen.includes('j.two'));
  });

  it('a worker is closed within its grace all the same, its work aborted', async () => {
    const { producer, work } = await openQueues(redis.url);
    const reasons: unknown[] = [];
    const worker = work(async ({ signal }) => {
      await delay(60_000, undefined, { signal }).catch(() => reasons.push(signal.reason));
      throw new Error('stopped');
    });
    await producer.enqueue('render', entry('j.running'));
    await until(() => worker.running().length === 1);
    await redis.kill();
    const { ms, error } = await timed(worker.close(1_000));
    expect(error).toBeNull();
    expect(ms).toBeLessThan(1_500);
    expect(reasons).toEqual(['shutdown']);
  });

  it('writes at most one log line a second for each connection', async () => {
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', name: 'test', destination: { write: (line: string) => void lines.push(line) } });
    await redis.kill();
    connect('worker', log);
    await delay(2_500); // the time in which lines are counted
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(3);
  });
});

describe('when Redis hangs', () => {
  it('the producer gives up within a second, and the late entry arrives once', async () => {
    const { producer } = await openQueues(redis.url);
    await producer.enqueue('render', entry('j.first'));
    process.kill(redis.pid, 'SIGSTOP');
    const { ms, error } = await timed(producer.enqueue('render', entry('j.unknown')));
    process.kill(redis.pid, 'SIGCONT');
    expect(error).toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
    expect(ms).toBeLessThan(1_000);
    await producer.enqueue('render', entry('j.unknown'));
    await until(async () => (await producer.counts()).render.waiting === 2);
  });
});

describe('when Redis forgets', () => {
  it('a running attempt whose lock is lost is aborted, writes nothing, and runs again elsewhere', async () => {
    const { producer, work } = await openQueues(redis.url);
    const plain = connect('commands');
    const reasons: unknown[] = [];
    let runs = 0;
    work(async ({ signal }) => {
      if (++runs > 1) return 'done';
      await delay(60_000, undefined, { signal }).catch(() => reasons.push(signal.reason));
      throw new Error('a zombie must not fail the entry');
    });
    await producer.enqueue('render', entry('j.zombie'));
    await until(() => runs === 1);
    const [lock] = await plain.keys('*:lock');
    await plain.set(lock!, 'another worker');
    await until(() => reasons.length === 1);
    expect(reasons).toEqual(['lock_lost']);
    expect((await producer.counts()).render.active).toBe(1);
    await plain.del(lock!);
    await until(() => runs === 2);
  });

  it('a wiped Redis costs a worker nothing but the entry', async () => {
    const { producer, work } = await openQueues(redis.url);
    const seen: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    work(async ({ id }) => {
      seen.push(id);
      if (id === 'j.wiped') await held;
      return 'done';
    });
    await producer.enqueue('render', entry('j.wiped'));
    await until(() => seen.length === 1);
    await connect('commands')
      .flushall()
      .catch(() => connect('worker').flushall());
    release();
    await producer.enqueue('render', entry('j.next'));
    await until(() => seen.includes('j.next'));
  });
});

describe('a start on a Redis', () => {
  it('that may evict is refused', async () => {
    const client = connect('worker');
    expect(await assertNoEviction(client)).toMatchObject({ policy: 'noeviction' });
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await expect(assertNoEviction(client)).rejects.toThrow('must be noeviction');
  });

  it('closes the gate while it is nearly full, and opens it again', async () => {
    const client = connect('worker');
    const gate = createMemoryGate(client, { everyMs: 20 });
    try {
      await until(() => gate.fraction() === 0);
      expect(gate.isOpen()).toBe(true);
      await client.set('ballast', Buffer.alloc(20_000_000));
      await client.config('SET', 'maxmemory', Math.round((await readRedisInfo(client)).usedBytes / 0.8));
      await until(() => !gate.isOpen());
      await client.del('ballast');
      await until(() => gate.isOpen());
    } finally {
      gate.close();
    }
  });
});
