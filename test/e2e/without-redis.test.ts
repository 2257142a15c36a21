import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import { type Client, createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';

let service: Service;
let client: Client;
let folder: string;
let talk: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
  talk = makeTalk(join(folder, 'talk.mp4'), { seconds: 5, size: '320x180' });
  service = await startService({ separateWorkers: 0, env: { CUTROOM_LOG_LEVEL: 'error' } });
  client = createClient(service.url);
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

const plain = { preview: false, thumbnails: false, captions: false, metadata: false, interchange: false } as const;
const status = async (path: string) => (await fetch(`${service.url}${path}`)).status;

it('tells queued jobs their place, and when their turn comes only once it can know', async () => {
  const { id: asset_id } = await client.upload(talk);
  const create = (priority: 'normal' | 'high') => client.create({ input: { asset_id }, features: plain, priority });
  const first = await create('normal');
  const second = await create('normal');
  const urgent = await create('high');
  const places = async () => Promise.all([first, second, urgent].map(async ({ id }) => (await client.job(id)).queue));
  expect(await places()).toEqual([1, 2, 0].map((position) => ({ position, eta_s: null })));
  await service.startWorker();
  const ended = await Promise.all([first, second, urgent].map(({ id }) => client.ended(id)));
  expect(ended.map((job) => [job.status, job.queue])).toEqual(ended.map(() => ['completed', { position: null, eta_s: null }]));
});

it('reads jobs on from storage while Redis is gone, refuses lists and changes within a second, and goes on afterwards', async () => {
  const done = await client.edit(talk, { features: plain });
  await service.killWorker();
  const { id: asset_id } = await client.upload(talk);
  const open = await client.create({ input: { asset_id }, features: { ...plain, preview: true } });
  await service.redis.kill();
  await until(async () => (await status('/readyz')) === 503);

  const withoutQueue = ({ queue: _, ...job }: JobView) => job;
  expect(withoutQueue(await client.job(done.id))).toEqual(withoutQueue(done));
  expect((await client.job(open.id)).status).toBe('queued');
  for (const path of ['outputs', 'outputs/video.mp4', 'report', 'plan'])
    expect([path, await status(`/v1/jobs/${done.id}/${path}`)]).toEqual([path, 200]);
  const startedMs = performance.now();
  expect(await status('/v1/jobs')).toBe(503);
  expect((await client.post('/v1/jobs', { input: { asset_id } })).status).toBe(503);
  expect((await client.post(`/v1/jobs/${open.id}/cancel`)).status).toBe(503);
  expect(performance.now() - startedMs).toBeLessThan(3_000); // three refusals, a second each at most: P22

  await service.redis.restart();
  await service.startWorker();
  expect((await client.ended(open.id)).status).toBe('completed');
});
