import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProducer } from '#runtime/queue';
import type { Producer } from '#runtime/queue-types';
import { createQueueDesk } from '../../apps/api/queues.ts';
import { startApi, type TestApi } from '../helpers/api.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

let server: TestRedis;
let producer: Producer;
let api: TestApi;

beforeAll(async () => {
  server = await startRedis();
  producer = createProducer({ redisUrl: server.url, log: pino({ level: 'silent' }) });
  await producer.whenReady(AbortSignal.timeout(5_000));
  api = await startApi({ queues: createQueueDesk(producer), adminKey: 'operator-key' });
});
afterAll(async () => {
  await api.close();
  await producer.close();
  await server.close();
});

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`operator:${key}`).toString('base64')}` });
const bearer = { authorization: 'Bearer operator-key' };

test('the board opens for the admin key alone, which a browser sends as a password', async () => {
  const refused = await api.app.inject('/admin/queues');
  expect([refused.statusCode, refused.json().code]).toEqual([401, 'UNAUTHORIZED']);
  expect(refused.headers['www-authenticate']).toBe('Basic realm="cutroom"');
  expect((await api.app.inject({ url: '/admin/queues', headers: basic('guess') })).statusCode).toBe(401);
  const { key } = (await api.app.inject({ method: 'POST', url: '/v1/keys', headers: bearer, payload: { name: 'user' } })).json();
  expect((await api.app.inject({ url: '/admin/queues', headers: basic(key) })).statusCode).toBe(403);
  const page = await api.app.inject({ url: '/admin/queues', headers: basic('operator-key') });
  expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  for (const [, file] of page.body.matchAll(/(?:src|href)="(static\/[^"]+)"/g))
    expect([file, (await api.app.inject({ url: `/admin/queues/${file}`, headers: basic('operator-key') })).statusCode]).toEqual([
      file,
      200,
    ]);
  expect((await api.app.inject({ url: '/v1/queues', headers: basic('operator-key') })).statusCode).toBe(401);
});

test('it shows the queues and touches none', async () => {
  await producer.enqueue('render', { id: 'job_1.1.preview', data: { id: 'job_1' }, priority: 'normal' });
  const look = await api.app.inject({ url: '/admin/queues/api/queues', headers: bearer });
  const queues = look.json().queues as { name: string; readOnlyMode: boolean; counts: Record<string, number> }[];
  expect(queues.map(({ name, readOnlyMode }) => [name, readOnlyMode])).toEqual(
    ['prepare', 'ai', 'render', 'deliver'].map((name) => [name, true]),
  );
  expect(queues[2]?.counts).toMatchObject({ prioritized: 1 });
  for (const [method, path] of [
    ['PUT', 'queues/render/pause'],
    ['PUT', 'queues/render/obliterate'],
    ['POST', 'queues/render/add'],
  ] as const) {
    const touched = await api.app.inject({ method, url: `/admin/queues/api/${path}`, headers: bearer });
    expect([path, touched.statusCode]).toEqual([path, 405]);
  }
  expect((await producer.counts()).render).toMatchObject({ waiting: 1, paused: false });
});
