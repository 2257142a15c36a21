import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, type RedisRole } from '#runtime/redis';
import { type Line, startLine } from '../helpers/line.ts';
import { openQueues } from '../helpers/queues.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';

const entry = (id: string) => ({ id, data: {}, priority: 'normal' as const });
const log = createLogger({ level: 'silent', name: 'test' });
let redis: TestRedis;
/** One line for each test: they run at the same time. */
const lines: Line[] = [];

beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await Promise.all(lines.map((line) => line.close()));
  await redis.close();
});

async function openLine() {
  const line = await startLine(redis.port);
  lines.push(line);
  return { line, url: `redis://127.0.0.1:${line.port}` };
}

/** TCP would take a quarter of an hour to see that nobody is there any more. */
describe.concurrent('a connection that died without a word', () => {
  it.for<RedisRole>(['producer', 'commands', 'worker'])(
    'is replaced under a %s when a question stays without an answer',
    async (role, { expect }) => {
      const { line, url } = await openLine();
      const client = createRedis({ url, role, log });
      await until(() => client.status === 'ready');
      line.harm('lost');
      line.heal();
      const answered = () => client.ping().then(Boolean, () => false);
      expect(await until(answered, 7_000)).toBe(true);
      await closeRedis(client);
    },
  );

  it('is replaced under a subscriber, who hears what is said afterwards', async ({ expect }) => {
    const { line, url } = await openLine();
    const [subscriber, speaker] = [createRedis({ url, role: 'subscriber', log }), createRedis({ url: redis.url, role: 'worker', log })];
    let heard = 0;
    subscriber.on('message', () => heard++);
    await subscriber.subscribe('news');
    line.harm('lost');
    line.heal();
    await until(async () => {
      await speaker.publish('news', 'again');
      return heard > 0;
    }, 10_000);
    expect(heard).toBeGreaterThan(0);
    await Promise.all([closeRedis(subscriber), closeRedis(speaker)]);
  });
});

describe('a worker', () => {
  it('whose connections died without a word takes what comes', async () => {
    const { line, url } = await openLine();
    const { producer, work } = await openQueues(redis.url);
    const seen: string[] = [];
    const handler = async ({ id }: { id: string }) => {
      seen.push(id);
      return 'done' as const;
    };
    work(handler, { redisUrl: url });
    await producer.enqueue('render', entry('j.before'));
    await until(() => seen.length === 1);
    line.harm('lost');
    line.heal();
    await producer.enqueue('render', entry('j.after'));
    await until(() => seen.length === 2, 15_000);
    expect(seen).toEqual(['j.before', 'j.after']);
  });

  it('that waits for an entry of the next hour keeps its connections', async () => {
    const { producer, work } = await openQueues(redis.url);
    const watcher = createRedis({ url: redis.url, role: 'worker', log });
    const waiting = async () => /^id=(\d+) .*cmd=bzpopmin/m.exec(String(await watcher.client('LIST')))?.[1];
    await producer.enqueue('render', { ...entry('j.later'), delayMs: 3_600_000 });
    work(async () => 'done');
    const before = await until(waiting);
    await delay(6_500); // longer than any other answer may take
    expect(await waiting()).toBe(before);
    await closeRedis(watcher);
  });
});
