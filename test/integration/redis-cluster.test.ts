import { afterAll, beforeAll, expect, it } from 'vitest';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, waitForRedis } from '#runtime/redis';
import { assertNoEviction, createMemoryGate } from '#runtime/redis-health';
import { startRedisCluster, type TestCluster } from '../helpers/redis-cluster.ts';
import { createToyEngine, type ToyEngine } from '../helpers/toy-engine.ts';
import { until } from '../helpers/until.ts';

let cluster: TestCluster;
let toy: ToyEngine;

beforeAll(async () => {
  cluster = await startRedisCluster();
  toy = await createToyEngine(cluster.url);
});
afterAll(async () => {
  await toy?.close();
  await cluster?.close();
});

it('jobs run on a real cluster of three, every key in one slot of one node', async () => {
  const jobs = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((source) => toy.post(source)));
  const views = await Promise.all(jobs.map(({ id }) => toy.ended(id)));
  expect(views.map(({ status }) => status)).toEqual(jobs.map(() => 'completed'));
  expect((await toy.engine.jobs.list('local', { status: 'completed' }, { limit: 10 })).data).toHaveLength(5);
  const sizes = await Promise.all(cluster.plain.map((client) => client.dbsize()));
  expect(sizes.filter((size) => size > 0)).toHaveLength(1);
});

it('a cluster that was emptied is filled again from storage', async () => {
  const { id } = await toy.post('f', { review: true });
  await until(async () => (await toy.engine.jobs.view('local', id))?.status === 'awaiting_review');
  await Promise.all(cluster.plain.map((client) => client.flushall()));
  const reconciler = toy.engine.reconciler({
    owner: 'a',
    leaseMs: 30_000,
    onRepair: () => undefined,
    onOutbox: () => undefined,
    onFault: (fault) => Promise.reject(fault),
  });
  expect(await reconciler.pass()).toBe(true);
  await until(async () => (await toy.engine.jobs.view('local', id))?.status === 'awaiting_review');
  expect(await toy.engine.jobs.approve('local', id)).toBe('approved');
  expect((await toy.ended(id)).status).toBe('completed');
});

it('start looks at its policy and admission at its memory', async () => {
  const client = createRedis({ url: cluster.url, role: 'commands', log: createLogger({ level: 'silent', name: 'test' }) });
  await waitForRedis(client, AbortSignal.timeout(5_000));
  const gate = createMemoryGate(client, { everyMs: 20 });
  try {
    expect(await assertNoEviction(client)).toMatchObject({ policy: 'noeviction' });
    await until(() => gate.fraction() === 0);
  } finally {
    gate.close();
    await closeRedis(client);
  }
});
