import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WebhookDelivery, WebhookEndpoint } from '../../apps/api/deps.ts';
import { type Client, createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { isSignedBy, type Receiver, startReceiver } from '../helpers/receiver.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';

let service: Service;
let client: Client;
let receiver: Receiver;
let folder: string;
let talk: string;
let assetId: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
  talk = makeTalk(join(folder, 'talk.mp4'), { seconds: 4, size: '320x180' });
  receiver = await startReceiver();
  service = await startService({ env: { CUTROOM_LOG_LEVEL: 'error' } });
  client = createClient(service.url);
  assetId = (await client.upload(talk)).id;
});
afterAll(async () => {
  await receiver.close();
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const plain = { preview: false, thumbnails: false, captions: false, metadata: false, interchange: false } as const;
const create = (more: Record<string, unknown> = {}) => client.create({ input: { asset_id: assetId }, features: plain, ...more });
const get = async <T>(path: string): Promise<T> => (await (await fetch(`${service.url}${path}`)).json()) as T;
const register = async (path: string, events: string[]) =>
  (await (await client.post('/v1/webhook-endpoints', { url: `${receiver.url}${path}`, events })).json()) as WebhookEndpoint & {
    secret: string;
  };
const deliveriesTo = async (endpoint: string) =>
  (await get<{ data: WebhookDelivery[] }>(`/v1/webhook-deliveries?endpoint_id=${endpoint}`)).data;
const newest = async (endpoint: string) => (await deliveriesTo(endpoint))[0] as WebhookDelivery;
const secondsUntilNext = ({ attempts, next_attempt_at }: WebhookDelivery) =>
  (Date.parse(next_attempt_at ?? '') - Date.parse(attempts.at(-1)?.at ?? '')) / 1000;

it('a job with an address of its own sends its end there, signed with the tenant’s default secret', async () => {
  const job = await create({ webhook: { url: `${receiver.url}/own` }, external_id: 'order 7', metadata: { colour: 'blue' } });
  const message = await receiver.message('/own', 'job.completed');
  const { secret } = await get<{ secret: string }>('/v1/webhook-endpoints/default');
  expect(isSignedBy(secret, message)).toBe(true);
  expect(isSignedBy(`whsec_${btoa('another secret of the same length.')}`, message)).toBe(false);
  expect(message.headers['webhook-id']).toMatch(/^evt_/);
  expect(message.event.data).toMatchObject({ id: job.id, status: 'completed', external_id: 'order 7', metadata: { colour: 'blue' } });
  expect(message.event.data['outputs']).toEqual((await client.ended(job.id)).outputs);
  await until(async () => (await newest('default')).status === 'delivered'); // written down after the receiver has answered
  const [delivery] = await deliveriesTo('default');
  expect(delivery).toMatchObject({ event_type: 'job.completed', job_id: job.id, status: 'delivered', attempts: [{ status: 200 }] });
  expect(receiver.received.filter(({ path }) => path === '/own')).toHaveLength(1);
});

it('an endpoint hears of what it asked for and of nothing else', async () => {
  const { id, secret } = await register('/filtered', ['job.created', 'job.started', 'upload.completed']);
  const asset = await client.upload(talk);
  await client.ended((await create()).id);
  const uploaded = await receiver.message('/filtered', 'upload.completed');
  expect(uploaded.event.data).toEqual(asset);
  expect(isSignedBy(secret, uploaded)).toBe(true);
  await receiver.message('/filtered', 'job.created');
  await receiver.message('/filtered', 'job.started');
  await until(async () => (await deliveriesTo(id)).every(({ status }) => status === 'delivered'));
  const heard = receiver.received.filter(({ path }) => path === '/filtered').map(({ event }) => event.type);
  expect(heard.toSorted()).toEqual(['job.created', 'job.started', 'upload.completed']);
  await fetch(`${service.url}/v1/webhook-endpoints/${id}`, { method: 'DELETE' });
});

it('progress is told to whoever asks for it; everything else to whoever asks for nothing in particular', async () => {
  const progress = await register('/progress', ['job.progress']);
  const everything = await register('/everything', []);
  const { id } = await client.ended((await create({ quality: 'low' })).id);
  await receiver.message('/everything', 'job.completed');
  await until(async () => (await deliveriesTo(progress.id)).every(({ status }) => status === 'delivered'));
  const heard = (path: string) => receiver.received.filter((seen) => seen.path === path).map(({ event }) => event);
  expect(heard('/progress').length).toBeGreaterThan(3);
  expect(heard('/progress').every(({ type, data }) => type === 'job.progress' && data['id'] === id)).toBe(true);
  expect(new Set(heard('/everything').map(({ type }) => type))).toEqual(
    new Set(['job.created', 'job.started', 'job.stage.completed', 'job.completed']),
  );
  for (const { id: endpoint } of [progress, everything])
    await fetch(`${service.url}/v1/webhook-endpoints/${endpoint}`, { method: 'DELETE' });
});

it('a batch says once that its last member has ended, with what became of each', async () => {
  const { id } = await register('/batch', ['batch.completed']);
  const member = { input: { asset_id: assetId }, features: plain };
  const made = (await (await client.post('/v1/batches', { jobs: [member, { ...member, quality: 'splendid' }, member] })).json()) as {
    id: string;
    members: { job_id: string | null }[];
  };
  const { event } = await receiver.message('/batch', 'batch.completed');
  expect(event.data).toMatchObject({ id: made.id, total: 3, refused: 1, finished: true, progress: 100, counts: { completed: 2 } });
  expect(event.data).toEqual(await get(`/v1/batches/${made.id}`));
  await client.post(`/v1/jobs/${made.members[0]?.job_id}/retry`, { fresh: ['direct'] });
  await client.ended(made.members[0]?.job_id ?? '');
  expect(await deliveriesTo(id)).toHaveLength(1);
});

it('after a rotation both secrets sign', async () => {
  const { id, secret } = await register('/rotated', ['job.completed']);
  const { secret: next } = (await (await client.post(`/v1/webhook-endpoints/${id}/rotate`)).json()) as { secret: string };
  await create();
  const message = await receiver.message('/rotated', 'job.completed');
  expect(message.headers['webhook-signature']?.split(' ')).toHaveLength(2);
  expect([secret, next].map((each) => isSignedBy(each, message))).toEqual([true, true]);
});

it('410 switches the endpoint off', async () => {
  const { id } = await register('/gone', ['job.created']);
  receiver.status = 410;
  await create();
  await receiver.message('/gone', 'job.created');
  const endpoint = await until(async () => {
    const found = await get<WebhookEndpoint>(`/v1/webhook-endpoints/${id}`);
    return found.enabled ? null : found;
  });
  receiver.status = 200;
  expect(endpoint.disabled_reason).toContain('410');
  expect(await newest(id)).toMatchObject({ status: 'failed', attempts: [{ status: 410 }], next_attempt_at: null });
});

it('a receiver in trouble is asked again on schedule, and at once when its owner says so, under the same id', async () => {
  const { id } = await register('/trouble', ['job.created']);
  receiver.status = 500;
  await create();
  const first = await receiver.message('/trouble', 'job.created');
  const waiting = await until(async () => ((await newest(id)).attempts.length === 1 ? newest(id) : null));
  expect(waiting).toMatchObject({ status: 'pending', attempts: [{ status: 500 }] });
  expect(Math.abs(secondsUntilNext(waiting) - 5)).toBeLessThanOrEqual(1.1); // ± 20 %, and the moment that writing takes
  await receiver.message('/trouble', 'job.created', 2);
  const later = await until(async () => ((await newest(id)).attempts.length === 2 ? newest(id) : null));
  expect(Math.abs(secondsUntilNext(later) - 300)).toBeLessThanOrEqual(60.1);

  receiver.status = 204;
  expect((await client.post(`/v1/webhook-deliveries/${later.id}/replay`)).status).toBe(202);
  const third = await receiver.message('/trouble', 'job.created', 3);
  expect(third.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect(third.body).toBe(first.body);
  expect(Number(third.headers['webhook-timestamp'])).toBeGreaterThan(Number(first.headers['webhook-timestamp']));
  const done = await until(async () => ((await newest(id)).status === 'delivered' ? newest(id) : null));
  expect(done.attempts.map(({ status }) => status)).toEqual([500, 500, 204]);
  expect((await client.post(`/v1/webhook-deliveries/${done.id}/replay`)).status).toBe(202);
  expect((await receiver.message('/trouble', 'job.created', 4)).headers['webhook-id']).toBe(first.headers['webhook-id']);
});

it('a receiver that was down while the job ended hears of it once it is back', async () => {
  await receiver.down();
  const job = await client.ended((await create({ webhook: { url: `${receiver.url}/down`, events: ['job.completed'] } })).id);
  const tried = await until(async () => {
    const delivery = (await deliveriesTo('default')).find(({ job_id }) => job_id === job.id);
    return delivery?.attempts.length === 1 ? delivery : null;
  });
  expect(tried).toMatchObject({ status: 'pending', attempts: [{ status: null, error: expect.stringContaining('ECONNREFUSED') }] });
  await receiver.up();
  expect((await receiver.message('/down', 'job.completed')).event.data).toMatchObject({ id: job.id });
});
