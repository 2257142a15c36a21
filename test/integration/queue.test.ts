import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import type { QueueEntry, WorkItem } from '#runtime/queue-types';
import { openQueues } from '../helpers/queues.ts';
import { until } from '../helpers/until.ts';

const redisUrl = inject('redisUrl');
const entry = (id: string, more: Partial<QueueEntry> = {}): QueueEntry => ({ id, data: { job: id }, priority: 'normal', ...more });

/** Ends when the attempt is aborted, as a stage does. */
async function untilAborted({ signal }: WorkItem): Promise<never> {
  await delay(60_000, undefined, { signal }).catch(() => {});
  throw new Error('stopped in mid-work');
}

describe('the producer', () => {
  it('hands entries to a worker with their data, the urgent ones first and the early ones of each class', async () => {
    const { producer, work } = await openQueues(redisUrl);
    const classes = ['low', 'normal', 'high'] as const;
    const ranks = [false, true].flatMap((early) => classes.map((priority) => ({ id: `j.${priority}.${early}`, priority, early })));
    await producer.enqueueMany(ranks.map(({ id, ...rank }) => ({ ...entry(id, rank), pool: 'render' as const })));
    const seen: unknown[] = [];
    work(async ({ id, data, attempt }) => {
      seen.push([id, data, attempt]);
      return 'done';
    });
    await until(() => seen.length === ranks.length);
    const order = ['high', 'normal', 'low'].flatMap((name) => [`j.${name}.true`, `j.${name}.false`]);
    expect(seen).toEqual(order.map((id) => [id, { job: id }, 1]));
  });

  it('takes the same id once while it waits or runs, and again after any end', async () => {
    const { producer, work } = await openQueues(redisUrl);
    let runs = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await Promise.all([1, 2, 3].map(() => producer.enqueue('render', entry('j.same'))));
    const worker = work(async () => {
      runs++;
      await held;
      throw new CutroomError('SOURCE_UNREADABLE', 'on purpose');
    });
    await until(() => runs === 1);
    await producer.enqueue('render', entry('j.same'));
    release();
    await until(async () => worker.running().length === 0 && (await producer.counts()).render.active === 0);
    expect(runs).toBe(1);
    await producer.enqueue('render', entry('j.same'));
    await until(() => runs === 2);
  });

  it('counts, tells positions and the oldest wait, and removes', async () => {
    const { producer } = await openQueues(redisUrl);
    await producer.enqueue('ai', entry('j.a', { priority: 'low' }));
    await producer.enqueueMany([
      { ...entry('j.b'), pool: 'ai' },
      { ...entry('j.c'), pool: 'ai' },
      { ...entry('j.later', { delayMs: 60_000 }), pool: 'ai' },
      { ...entry('j.due', { delayMs: 1 }), pool: 'ai' },
    ]);
    await delay(10); // the due one must come due
    const { ai, render } = await producer.counts();
    expect(ai).toEqual({ waiting: 3, active: 0, delayed: 2, delayed_due: 1, paused: false, oldestWaitMs: expect.any(Number) });
    expect(ai.oldestWaitMs).toBeGreaterThanOrEqual(10);
    expect(render).toMatchObject({ waiting: 0, oldestWaitMs: 0 });
    expect(await Promise.all(['j.b', 'j.c', 'j.a', 'j.none'].map((id) => producer.position('ai', id)))).toEqual([0, 1, 2, null]);
    expect(await producer.remove('ai', 'j.b')).toBe(true);
    expect(await producer.position('ai', 'j.a')).toBe(1);
  });

  it('removes nothing that runs', async () => {
    const { producer, work } = await openQueues(redisUrl);
    await producer.enqueue('render', entry('j.busy'));
    const worker = work(untilAborted);
    await until(() => worker.running().length === 1);
    expect(await producer.remove('render', 'j.busy')).toBe(false);
  });

  it('pauses a pool for all workers', async () => {
    const { producer, work } = await openQueues(redisUrl);
    const seen: string[] = [];
    await producer.pause('render');
    work(async ({ id }) => {
      seen.push(id);
      return 'done';
    });
    await producer.enqueue('render', entry('j.held'));
    expect((await producer.counts()).render).toMatchObject({ paused: true, waiting: 1 });
    await until(() => producer.workers('render'));
    expect(seen).toEqual([]);
    await producer.resume('render');
    await until(() => seen.length === 1);
  });

  it('refuses ids that BullMQ would misread', async () => {
    const { producer } = await openQueues(redisUrl);
    for (const id of ['a:b', '17', '', 'ä'])
      await expect(producer.enqueue('render', entry(id))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('what a handler throws', () => {
  it('fail: never runs again and leaves the queue', async () => {
    const { producer, work } = await openQueues(redisUrl);
    let runs = 0;
    work(async () => {
      runs++;
      throw new CutroomError('SOURCE_UNREADABLE', 'broken');
    });
    await producer.enqueue('render', entry('j.bad'));
    await until(() => runs === 1);
    await until(async () => (await producer.counts()).render.active === 0);
    expect((await producer.counts()).render).toMatchObject({ waiting: 0, delayed: 0 });
  });

  it('retry: runs again after a pause, as often as allowed, and knows the last time', async () => {
    const { producer, work } = await openQueues(redisUrl);
    const attempts: [number, boolean, number][] = [];
    work(async ({ attempt, lastAttempt }) => {
      attempts.push([attempt, lastAttempt, performance.now()]);
      throw new Error('something unforeseen');
    });
    await producer.enqueue('render', entry('j.shaky', { attempts: 2 }));
    await until(() => attempts.length === 2);
    expect(attempts.map(([attempt, last]) => [attempt, last])).toEqual([
      [1, false],
      [2, true],
    ]);
    const pauseMs = attempts[1]![2] - attempts[0]![2];
    expect(pauseMs).toBeGreaterThan(490);
    await until(async () => (await producer.counts()).render.active === 0);
    expect((await producer.counts()).render).toMatchObject({ waiting: 0, delayed: 0 });
  });

  it('wait: comes back without blame, more often than there are attempts', async () => {
    const { producer, work } = await openQueues(redisUrl);
    const attempts: number[] = [];
    work(async ({ attempt }) => {
      attempts.push(attempt);
      if (attempts.length <= 4) throw new CutroomError('RATE_LIMITED', { detail: 'later', retryAfterS: 0.02 });
      return 'done';
    });
    await producer.enqueue('render', entry('j.patient', { attempts: 2 }));
    await until(() => attempts.length === 5);
    expect(attempts).toEqual([1, 1, 1, 1, 1]);
  });

  it('does not hold up its neighbours while it waits', async () => {
    const { producer, work } = await openQueues(redisUrl);
    const seen: string[] = [];
    work(async ({ id }) => {
      seen.push(id);
      if (id === 'j.parked') throw new CutroomError('RATE_LIMITED', { detail: 'later', retryAfterS: 30 });
      return 'done';
    });
    await producer.enqueue('render', entry('j.parked', { priority: 'high' }));
    await producer.enqueue('render', entry('j.next'));
    await until(() => seen.length === 2, 2_000);
  });
});

describe('a worker', () => {
  it('aborts a cancelled entry, which does not come back', async () => {
    const { producer, work } = await openQueues(redisUrl);
    const reasons: unknown[] = [];
    const worker = work(async (item) => {
      item.signal.addEventListener('abort', () => reasons.push(item.signal.reason));
      return untilAborted(item);
    });
    await producer.enqueue('render', entry('j.cancelled'));
    await until(() => worker.running().includes('j.cancelled'));
    expect(worker.cancel('j.other')).toBe(false);
    expect(worker.cancel('j.cancelled')).toBe(true);
    await until(async () => (await producer.counts()).render.active === 0);
    expect(reasons).toEqual(['cancelled']);
    expect((await producer.counts()).render).toMatchObject({ waiting: 0, delayed: 0 });
  });

  it('hands back at close without blame, ten times over, and another one takes it within 3 s', async () => {
    const { producer, work } = await openQueues(redisUrl);
    await producer.enqueue('render', entry('j.carried', { attempts: 2 }));
    const attempts: number[] = [];
    for (let hand = 1; hand <= 10; hand++) {
      const worker = work(async (item) => {
        attempts.push(item.attempt);
        return untilAborted(item);
      });
      await until(() => attempts.length === hand, 3_000);
      await worker.close();
      expect((await producer.counts()).render).toMatchObject({ active: 0, waiting: 1 });
    }
    expect(attempts).toEqual(Array(10).fill(1));
  });

  it('that already waits takes what another one hands back within 3 s', async () => {
    const { producer, work } = await openQueues(redisUrl);
    await producer.enqueue('render', entry('j.carried'));
    const first = work(untilAborted);
    await until(() => first.running().length === 1);
    const second = work(untilAborted);
    await until(async () => (await producer.workers('render')) === 2);
    await first.close();
    await until(() => second.running().length === 1, 3_000);
  });

  it('may finish what it is at when it is closed', async () => {
    const { producer, work } = await openQueues(redisUrl);
    await producer.enqueue('render', entry('j.nearly'));
    const worker = work(async () => {
      await delay(100);
      return 'done';
    });
    await until(() => worker.running().length === 1);
    await worker.close();
    expect((await producer.counts()).render).toMatchObject({ active: 0, waiting: 0 });
  });

  it('follows a changed concurrency', async () => {
    const { producer, work } = await openQueues(redisUrl);
    await producer.enqueueMany(['a', 'b', 'c'].map((name) => ({ ...entry(`j.${name}`), pool: 'render' as const })));
    const worker = work(untilAborted, { concurrency: 3 });
    await until(() => worker.running().length === 3);
    worker.setConcurrency(1);
    for (const id of worker.running().slice(1)) worker.cancel(id);
    await until(() => worker.running().length === 1);
    await producer.enqueue('render', entry('j.d'));
    worker.cancel(worker.running()[0]!);
    await until(() => worker.running().includes('j.d'));
  });
});
