import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createOpener } from '#engine/opening';
import { createRunState } from '#engine/state';
import { createLogger } from '#runtime/log';
import type { PriorityClass } from '#runtime/queue-types';
import { closeRedis, createRedis, type RedisClient } from '#runtime/redis';
import { openQueues } from '../helpers/queues.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';

let server: TestRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await startRedis();
  redis = createRedis({ url: server.url, role: 'worker', log: createLogger({ level: 'silent', name: 'fair' }) });
});
afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});
beforeEach(() => redis.flushall());

/** Jobs of one node each, in the order in which one slot runs them. */
async function createLine() {
  const { producer, work } = await openQueues(server.url);
  const open = createOpener(redis);
  const state = createRunState(redis);
  const ran: string[] = [];
  const job = (tenant: string, id: string, priority: PriorityClass = 'normal') => ({
    tenant,
    id,
    priority,
    external_id: null,
    batch_id: null,
  });
  return {
    ran,
    async add(tenant: string, id: string, priority: PriorityClass = 'normal') {
      const turn = await open({ manifest: job(tenant, id, priority), run: { number: 1, approved: true }, event: null });
      await producer.enqueue('render', { id: `${id}.1.node`, data: { tenant, id }, priority, turn });
    },
    /** One slot; `then` sees each job that has run. */
    start: (then: (id: string) => Promise<void> = async () => undefined) =>
      work(async ({ data }) => {
        const { tenant, id } = data as { tenant: string; id: string };
        await state.transition({ id, run: 1, tenant }, 'processing', []);
        ran.push(id);
        await then(id);
        return 'done';
      }),
  };
}

it('five hundred jobs of one tenant do not keep the one of another waiting', async () => {
  const line = await createLine();
  await Promise.all(Array.from({ length: 500 }, (_, i) => line.add('many', `many-${i}`)));
  await line.add('one', 'one-0');
  line.start();
  await until(() => line.ran.includes('one-0'));
  expect(line.ran.indexOf('one-0')).toBeLessThanOrEqual(2);
});

it('who comes again and again takes turns with who waits for long', async () => {
  const line = await createLine();
  await Promise.all(Array.from({ length: 40 }, (_, i) => line.add('many', `many-${String(i).padStart(2, '0')}`)));
  await line.add('busy', 'busy-0');
  let next = 1;
  line.start(async (id) => (id.startsWith('busy') ? line.add('busy', `busy-${next++}`) : undefined));
  await until(() => line.ran.length >= 40);
  const waited = line.ran.slice(0, 40).filter((id) => id.startsWith('many'));
  expect(waited.length).toBeGreaterThanOrEqual(18);
  expect(waited).toEqual([...waited].sort());
});

it('a flood of one class delays no higher one, whatever its turns', async () => {
  const line = await createLine();
  await line.add('a', 'low-first', 'low');
  await Promise.all(Array.from({ length: 100 }, (_, i) => line.add('a', `normal-${i}`)));
  await line.add('a', 'high', 'high');
  line.start();
  await until(() => line.ran.length === 102);
  expect(line.ran[0]).toBe('high');
  expect(line.ran.at(-1)).toBe('low-first');
});
