import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pipeline } from '#contracts/pipeline';
import { createEngine } from '#engine/create';
import { createProducer } from '#runtime/queue';
import { closeRedis, createRedis, waitForRedis } from '#runtime/redis';
import { createMemoryGate } from '#runtime/redis-health';
import { createFileStorage } from '#storage/file';
import { createGate } from '../../apps/api/gate.ts';
import { createQueueDesk } from '../../apps/api/queues.ts';
import { startApi, type TestApi } from '../helpers/api.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

const log = pino({ level: 'silent' });
let server: TestRedis;
let api: TestApi;
let close: () => Promise<void>;

beforeAll(async () => {
  server = await startRedis();
  const dir = mkdtempSync(join(tmpdir(), 'cutroom-api-engine-'));
  const storage = await createFileStorage(dir);
  const redis = createRedis({ url: server.url, role: 'commands', log });
  const subscriber = createRedis({ url: server.url, role: 'subscriber', log });
  const producer = createProducer({ redisUrl: server.url, log });
  await Promise.all([waitForRedis(redis, AbortSignal.timeout(5_000)), producer.whenReady(AbortSignal.timeout(5_000))]);
  const engine = createEngine({ pipeline, storage, redis, subscriber, producer, retentionDays: 30 });
  await engine.subscribe();
  const memory = createMemoryGate(redis);
  const queues = createQueueDesk(producer);
  const gate = createGate({ redis, producer, memory, pulse: { takesWrites: () => true }, storage, uploadDir: dir, minFreeShare: 0 });
  api = await startApi({ engine, storage, redis, queues, webhooks: engine.webhooks, ...gate });
  close = async () => {
    await api.close();
    memory.close();
    await Promise.all([closeRedis(redis), closeRedis(subscriber), producer.close()]);
    rmSync(dir, { recursive: true, force: true });
    await server.close();
  };
});
afterAll(() => close());

const createJob = (asset: string, headers: Record<string, string> = {}) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/jobs',
    headers,
    payload: { input: { asset_id: asset }, external_id: 'mine' },
  });

test('a job lives in storage and Redis, is listed, told as a stream, and ends once when it is cancelled', async () => {
  const asset = (await api.upload()).json();
  expect((await api.app.inject('/v1/assets')).json().data).toEqual([asset]);
  const accepted = (await createJob(asset.id)).json();
  expect(accepted).toMatchObject({ status: 'queued', warnings: [] });
  const { id } = accepted;
  expect((await api.app.inject(`/v1/jobs/${id}`)).json()).toMatchObject({ id, external_id: 'mine', warnings: accepted.warnings });
  expect((await api.app.inject('/v1/jobs?external_id=mine')).json().data).toHaveLength(1);
  expect((await api.app.inject({ method: 'DELETE', url: `/v1/assets/${asset.id}` })).json().code).toBe('ASSET_IN_USE');
  const stream = api.app.inject({ url: `/v1/jobs/${id}/events`, headers: { accept: 'text/event-stream' } });
  const cancelled = await api.app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel` });
  expect([cancelled.statusCode, cancelled.json().status]).toEqual([202, 'cancelled']);
  expect((await api.app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel` })).json().code).toBe('JOB_FINISHED');
  const types = (await stream).body.match(/^event: .*$/gm);
  expect(types?.at(0)).toBe('event: job.created');
  expect(types?.at(-1)).toBe('event: job.cancelled');
  expect(types?.filter((line) => line.endsWith('job.cancelled'))).toHaveLength(1);
});

test('fifty posts at once with one Idempotency-Key make one job', async () => {
  const asset = (await api.upload()).json().id;
  const answers = await Promise.all(Array.from({ length: 50 }, () => createJob(asset, { 'idempotency-key': 'storm' })));
  const ids = answers.filter(({ statusCode }) => statusCode === 202).map((answer) => answer.json().id);
  expect(new Set(ids).size).toBe(1);
  expect(answers.every(({ statusCode }) => statusCode === 202 || statusCode === 409)).toBe(true);
  expect((await createJob(asset, { 'idempotency-key': 'storm' })).json().id).toBe(ids[0]);
});

test('queues are counted; webhook endpoints are the engine’s own', async () => {
  const { data } = (await api.app.inject('/v1/queues')).json();
  expect(data.map(({ name }: { name: string }) => name)).toEqual(['prepare', 'ai', 'render', 'deliver']);
  const made = (
    await api.app.inject({
      method: 'POST',
      url: '/v1/webhook-endpoints',
      payload: { url: 'https://example.com', events: ['job.completed'] },
    })
  ).json();
  expect((await api.app.inject('/v1/webhook-endpoints')).json().data).toMatchObject([{ id: made.id, events: ['job.completed'] }]);
  expect((await api.app.inject('/v1/webhook-endpoints/default')).json().secret).toMatch(/^whsec_/);
});

test('without Redis a job answers 503 within a second, an asset is still read, and 5 s after it is back all is well', async () => {
  const asset = (await api.upload()).json().id;
  await server.kill();
  await expect.poll(async () => (await api.app.inject('/readyz')).statusCode).toBe(503);
  const startedMs = Date.now();
  const refused = await createJob(asset);
  expect(Date.now() - startedMs).toBeLessThan(1_000);
  expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([503, 'QUEUE_UNAVAILABLE', '2']);
  expect((await api.app.inject(`/v1/assets/${asset}`)).statusCode).toBe(200);
  expect((await api.app.inject('/healthz')).statusCode).toBe(200);
  await server.restart();
  await expect.poll(async () => (await createJob(asset)).statusCode, { timeout: 5_000 }).toBe(202);
});
