import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createId } from '#contracts/ids';
import { type Client, createClient } from '../helpers/client.ts';
import { makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';

let service: Service;
let client: Client;
let folder: string;
/** What `{…}` in a path stands for. */
const names: Record<string, string> = { profile: 'mine', queue: 'render', delivery: createId('whd') };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
  service = await startService({ env: { CUTROOM_LOG_LEVEL: 'error' } });
  client = createClient(service.url);
  const talk = makeTalk(join(folder, 'talk.mp4'), { seconds: 4, size: '320x180' });
  const made = async (path: string, body: unknown) => ((await (await client.post(path, body)).json()) as { id: string }).id;
  names['asset'] = (await client.upload(talk)).id;
  names['spare'] = (await client.upload(talk)).id;
  const request = { input: { asset_id: names['asset'] }, features: { preview: false, interchange: false } };
  names['job'] = (await client.ended((await client.create(request)).id)).id;
  names['batch'] = await made('/v1/batches', { jobs: [request] });
  names['endpoint'] = await made('/v1/webhook-endpoints', { url: 'http://127.0.0.1:9/nobody', enabled: false });
  const tus = { 'tus-resumable': '1.0.0', 'upload-length': '9' };
  const upload = await fetch(`${service.url}/v1/uploads`, { method: 'POST', headers: tus });
  names['upload'] = upload.headers.get('location')?.split('/').at(-1) ?? '';
  names['key'] = await made('/v1/keys', { name: 'for the table' });
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

/** contract.md §3: what each route answers to a plain request in the state that `beforeAll` made. */
const routes: [method: string, path: string, status: number, body?: unknown, headers?: Record<string, string>][] = [
  ['OPTIONS', '/v1/uploads', 204],
  ['POST', '/v1/uploads', 201, undefined, { 'tus-resumable': '1.0.0', 'upload-length': '9' }],
  ['HEAD', '/v1/uploads/{upload}', 200, undefined, { 'tus-resumable': '1.0.0' }],
  [
    'PATCH',
    '/v1/uploads/{upload}',
    409,
    undefined,
    { 'tus-resumable': '1.0.0', 'upload-offset': '5', 'content-type': 'application/offset+octet-stream' },
  ],
  ['DELETE', '/v1/uploads/{upload}', 204, undefined, { 'tus-resumable': '1.0.0' }],
  ['POST', '/v1/assets', 422, { url: 'http://10.0.0.1/talk.mp4' }],
  ['GET', '/v1/assets', 200],
  ['GET', '/v1/assets/{asset}', 200],
  ['DELETE', '/v1/assets/{spare}', 204],
  ['POST', '/v1/jobs', 400, {}],
  ['POST', '/v1/jobs?dry_run=true', 200, { input: { asset_id: '{asset}' } }],
  ['GET', '/v1/jobs?status=completed&limit=1', 200],
  ['GET', '/v1/jobs/{job}', 200],
  ['POST', '/v1/jobs/{job}/cancel', 409],
  ['POST', '/v1/jobs/{job}/retry', 409],
  ['POST', '/v1/jobs/{job}/approve', 409],
  ['GET', '/v1/jobs/{job}/events', 200],
  ['GET', '/v1/jobs/{job}/plan', 200],
  ['PUT', '/v1/jobs/{job}/plan', 400, {}],
  ['GET', '/v1/jobs/{job}/outputs', 200],
  ['GET', '/v1/jobs/{job}/outputs/video.mp4', 200],
  ['GET', '/v1/jobs/{job}/outputs/video.mp4', 206, undefined, { range: 'bytes=0-9' }],
  ['HEAD', '/v1/jobs/{job}/outputs/video.mp4', 200],
  ['POST', '/v1/jobs/{job}/outputs/thumbnail-1.jpg/chosen', 200],
  ['POST', '/v1/jobs/{job}/outputs/video.mp4/chosen', 404],
  ['GET', '/v1/thumbnail-templates', 200],
  ['GET', '/v1/jobs/{job}/report', 200],
  ['GET', '/v1/jobs/{job}/logs', 200],
  ['POST', '/v1/batches', 400, { jobs: [] }],
  ['GET', '/v1/batches/{batch}', 200],
  ['POST', '/v1/batches/{batch}/cancel', 202],
  ['POST', '/v1/webhook-endpoints', 422, { url: 'http://10.0.0.1/hook' }],
  ['GET', '/v1/webhook-endpoints', 200],
  ['GET', '/v1/webhook-endpoints/default', 200],
  ['GET', '/v1/webhook-endpoints/{endpoint}', 200],
  ['PATCH', '/v1/webhook-endpoints/{endpoint}', 200, { description: 'nobody' }],
  ['POST', '/v1/webhook-endpoints/{endpoint}/rotate', 200],
  ['DELETE', '/v1/webhook-endpoints/{endpoint}', 204],
  ['GET', '/v1/webhook-deliveries', 200],
  ['POST', '/v1/webhook-deliveries/{delivery}/replay', 404],
  ['GET', '/v1/profiles', 200],
  ['PUT', '/v1/profiles/{profile}', 200, { mode: 'fast' }],
  ['DELETE', '/v1/profiles/{profile}', 204],
  ['GET', '/v1/queues', 200],
  ['POST', '/v1/queues/{queue}/pause', 200],
  ['POST', '/v1/queues/{queue}/resume', 200],
  ['GET', '/v1/system/stats', 200],
  ['GET', '/v1/system/recommendation', 200],
  ['GET', '/v1/system/trends?period=week', 200],
  ['GET', '/v1/system/spending?days=2', 200],
  ['POST', '/v1/keys', 400, {}],
  ['GET', '/v1/keys', 200],
  ['DELETE', '/v1/keys/{key}', 204],
  ['GET', '/healthz', 200],
  ['GET', '/readyz', 200],
  ['GET', '/metrics', 200],
  ['GET', '/openapi.json', 200],
  ['GET', '/docs/', 200],
  ['GET', '/admin/queues', 200],
];

const fill = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => names[name] ?? whole);

it.each(routes)('%s %s answers %i', async (method, path, status, body, headers) => {
  const answer = await fetch(service.url + fill(path), {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: fill(JSON.stringify(body)) }),
    redirect: 'manual',
  });
  const text = await answer.text();
  expect([answer.status, text.includes('"code":"ROUTE_NOT_FOUND"')]).toEqual([status, false]);
  expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  if (status >= 400 && method !== 'HEAD')
    expect(JSON.parse(text)).toMatchObject({ status, code: expect.any(String), request_id: expect.any(String) });
});

it('figures over many jobs are those of the one that ran', async () => {
  const get = async (path: string): Promise<unknown> => (await fetch(service.url + path)).json();
  expect(await get('/v1/system/recommendation')).toMatchObject({
    machine: { encoders: { software: expect.arrayContaining(['libx264']) } },
    measured: {
      modes: { balanced: { jobs: 1 } },
      stages: expect.arrayContaining([expect.objectContaining({ name: 'render-chunk', jobs: 1 })]),
    },
  });
  const { periods } = (await get('/v1/system/trends')) as { periods: unknown[] };
  expect(periods).toHaveLength(8);
  expect(periods[0]).toMatchObject({ error_rate: 0, measured: 1 });
});
