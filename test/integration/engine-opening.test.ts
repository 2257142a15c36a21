import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createEvents } from '#engine/events';
import { createIndexStore } from '#engine/index-store';
import { createOpener, type Opening } from '#engine/opening';
import { createRunState } from '#engine/state';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, type RedisClient } from '#runtime/redis';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

let server: TestRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await startRedis();
  redis = createRedis({ url: server.url, role: 'worker', log: createLogger({ level: 'silent', name: 'opening' }) });
});
afterAll(async () => {
  await closeRedis(redis);
  await server.close();
});
beforeEach(() => redis.flushall());

const opening = (id: string, number = 1): Opening => ({
  manifest: { id, tenant: 'local', priority: 'normal', external_id: `order-${id}`, batch_id: 'bat_1' },
  run: { number, approved: false },
  event: { type: number === 1 ? 'job.created' : 'job.retry', data: { job_id: id, run: number } },
});
const page = { limit: 1_000 };

it('what is opened in one moment costs Redis a call for each hundred', async () => {
  const open = createOpener(redis);
  const ids = Array.from({ length: 150 }, (_, i) => `job_${String(i).padStart(3, '0')}`);
  await redis.config('RESETSTAT');
  await Promise.all(ids.map((id) => open(opening(id))));
  expect(await redis.info('commandstats')).toMatch(/cmdstat_eval:calls=2,/);
  expect((await createIndexStore(redis).jobs('local', {}, page)).data).toEqual(ids.toReversed());
});

it('an opened run is in every list, has a state and begins its history', async () => {
  const open = createOpener(redis);
  const index = createIndexStore(redis);
  await open(opening('job_a'));
  for (const filter of [{}, { status: 'queued' as const }, { external_id: 'order-job_a' }, { batch_id: 'bat_1' }]) {
    expect((await index.jobs('local', filter, page)).data).toEqual(['job_a']);
  }
  expect(await createRunState(redis).job('job_a')).toEqual({
    tenant: 'local',
    run: 1,
    status: 'queued',
    started_at: null,
    approved: false,
    percent: 0,
    turn: 0,
  });
  expect(await createEvents(redis, null).list('job_a', null, async () => null)).toMatchObject([{ type: 'job.created', data: { run: 1 } }]);
});

it('a first run that is opened again goes on as if nobody had asked', async () => {
  const open = createOpener(redis);
  const state = createRunState(redis);
  await open(opening('job_a'));
  await state.transition({ id: 'job_a', run: 1, tenant: 'local' }, 'processing', []);
  await open(opening('job_a'));
  expect((await state.job('job_a'))?.status).toBe('processing');
  expect(await createEvents(redis, null).list('job_a', null, async () => null)).toHaveLength(1);
});

it('a later run replaces the one before in state and lists', async () => {
  const open = createOpener(redis);
  const state = createRunState(redis);
  const index = createIndexStore(redis);
  await open(opening('job_a'));
  await state.transition({ id: 'job_a', run: 1, tenant: 'local' }, 'failed', []);
  await open(opening('job_a', 2));
  expect(await state.job('job_a')).toMatchObject({ run: 2, status: 'queued' });
  expect((await index.jobs('local', { status: 'failed' }, page)).data).toEqual([]);
  expect((await index.jobs('local', { status: 'queued' }, page)).data).toEqual(['job_a']);
});
