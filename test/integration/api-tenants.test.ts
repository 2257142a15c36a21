import { afterEach, beforeEach, expect, test } from 'vitest';
import { multipart, startApi, type TestApi } from '../helpers/api.ts';

const operator = { authorization: 'Bearer the-operator-key' };
let api: TestApi;
beforeEach(async () => {
  api = await startApi({ adminKey: 'the-operator-key' });
});
afterEach(() => api.close());

async function createKey(wish: object): Promise<{ id: string; headers: { authorization: string } }> {
  const { id, key } = (
    await api.app.inject({ method: 'POST', url: '/v1/keys', headers: operator, payload: { name: 'k', ...wish } })
  ).json();
  return { id, headers: { authorization: `Bearer ${key}` } };
}
const get = (url: string, headers: Record<string, string>) => api.app.inject({ url, headers });

test.each([
  ['no key', {}],
  ['an unknown key', { authorization: 'Bearer ck_unknown' }],
  ['another scheme', { authorization: 'Basic dGhlLW9wZXJhdG9yLWtleQ==' }],
  ['half a key', { authorization: 'Bearer the-operator' }],
])('%s is refused', async (_name, headers) => {
  const answer = await get('/v1/jobs', headers as Record<string, string>);
  expect([answer.statusCode, answer.json().code, answer.headers['www-authenticate']]).toEqual([401, 'UNAUTHORIZED', 'Bearer']);
});

test('a key is shown once, stored only as a hash, and opens what its scopes say', async () => {
  const reader = await createKey({ scopes: ['read'] });
  expect((await get('/v1/jobs', reader.headers)).statusCode).toBe(200);
  const upload = await api.app.inject({
    method: 'POST',
    url: '/v1/assets',
    ...multipart([{ name: 'file', filename: 'a', bytes: 'video' }], reader.headers),
  });
  expect([upload.statusCode, upload.json().detail]).toEqual([403, 'This needs a key with the scope write.']);
  expect((await get('/v1/keys', reader.headers)).json().code).toBe('FORBIDDEN');
  const [listed] = (await get('/v1/keys', operator)).json().data;
  expect(listed).toMatchObject({ id: reader.id, scopes: ['read'], revoked_at: null });
  for (const at of await api.storage.list('keys/')) {
    expect((await api.storage.get(at))!.toString()).not.toContain(reader.headers.authorization.slice('Bearer '.length));
  }
});

test('a revoked key is refused at once here and stays in the list', async () => {
  const { id, headers } = await createKey({});
  expect((await get('/v1/jobs', headers)).statusCode).toBe(200);
  expect((await api.app.inject({ method: 'DELETE', url: `/v1/keys/${id}`, headers: operator })).statusCode).toBe(204);
  expect((await get('/v1/jobs', headers)).statusCode).toBe(401);
  expect((await get('/v1/keys', operator)).json().data[0].revoked_at).not.toBeNull();
  expect((await api.app.inject({ method: 'DELETE', url: '/v1/keys/key_unknown', headers: operator })).statusCode).toBe(404);
});

test('another tenant’s ids answer exactly as unknown ones, on every route', async () => {
  const [a, b] = [await createKey({ tenant: 'a' }), await createKey({ tenant: 'b' })];
  const asset = (
    await api.app.inject({ method: 'POST', url: '/v1/assets', ...multipart([{ name: 'file', filename: 'a', bytes: 'video' }], a.headers) })
  ).json().id;
  const create = (headers: Record<string, string>, id: string) =>
    api.app.inject({ method: 'POST', url: '/v1/jobs', headers, payload: { input: { asset_id: id } } });
  const job = (await create(a.headers, asset)).json().id;
  const endpoint = (
    await api.app.inject({ method: 'POST', url: '/v1/webhook-endpoints', headers: a.headers, payload: { url: 'https://example.com' } })
  ).json().id;
  const batch = (
    await api.app.inject({ method: 'POST', url: '/v1/batches', headers: a.headers, payload: { jobs: [{ input: { asset_id: asset } }] } })
  ).json().id;
  const unknown = (id: string) => `${id.slice(0, 4)}01J00000000000000000000000`;
  const routes: [method: 'GET' | 'POST' | 'DELETE' | 'PATCH', path: (id: string) => string, id: string][] = [
    ['GET', (id) => `/v1/assets/${id}`, asset],
    ['DELETE', (id) => `/v1/assets/${id}`, asset],
    ...['', '/events', '/outputs', '/outputs/video.mp4', '/plan', '/report', '/logs'].map(
      (tail) => ['GET', (id: string) => `/v1/jobs/${id}${tail}`, job] as (typeof routes)[number],
    ),
    ...['cancel', 'retry', 'approve'].map((action) => ['POST', (id: string) => `/v1/jobs/${id}/${action}`, job] as (typeof routes)[number]),
    ['GET', (id) => `/v1/batches/${id}`, batch],
    ['POST', (id) => `/v1/batches/${id}/cancel`, batch],
    ['GET', (id) => `/v1/webhook-endpoints/${id}`, endpoint],
    ['DELETE', (id) => `/v1/webhook-endpoints/${id}`, endpoint],
    ['POST', (id) => `/v1/webhook-endpoints/${id}/rotate`, endpoint],
  ];
  for (const [method, path, id] of routes) {
    const ask = async (which: string) => (await api.app.inject({ method, url: path(which), headers: b.headers })).json();
    const [foreign, absent] = [await ask(id), await ask(unknown(id))];
    expect(foreign.status).toBe(404);
    expect({ ...foreign, instance: '', request_id: '' }).toEqual({ ...absent, instance: '', request_id: '' });
  }
  const [foreign, absent] = [(await create(b.headers, asset)).json(), (await create(b.headers, unknown(asset))).json()];
  expect({ ...foreign, request_id: '' }).toEqual({ ...absent, request_id: '' });
  for (const list of ['/v1/jobs', '/v1/assets', '/v1/webhook-endpoints', `/v1/jobs?batch_id=${batch}`]) {
    expect((await get(list, b.headers)).json().data).toEqual([]);
  }
  expect((await get(`/v1/jobs/${job}`, a.headers)).statusCode).toBe(200);
});

test('an Idempotency-Key of one tenant means nothing to another', async () => {
  const [a, b] = [await createKey({ tenant: 'a' }), await createKey({ tenant: 'b' })];
  const post = (headers: Record<string, string>, url: string) =>
    api.app.inject({ method: 'POST', url: '/v1/webhook-endpoints', headers: { ...headers, 'idempotency-key': 'one' }, payload: { url } });
  expect((await post(a.headers, 'https://a.example')).statusCode).toBe(201);
  expect((await post(b.headers, 'https://b.example')).statusCode).toBe(201);
});

test('an open service answers under loopback names only', async () => {
  const open = await startApi();
  for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080']) {
    expect((await open.app.inject({ url: '/v1/jobs', headers: { host } })).statusCode).toBe(200);
  }
  expect((await open.app.inject({ url: '/v1/jobs', headers: { host: 'attacker.example' } })).json().code).toBe('FORBIDDEN');
  await open.close();
});

test('a tenant that creates too fast is told how long to wait; others are not held up', async () => {
  const limited = await startApi({
    adminKey: 'the-operator-key',
    limits: { maxUploadBytes: 1_000, tenantQuotaBytes: null, retentionDays: 1, createsPerMinute: 2, minFreeShare: 0 },
  });
  const create = (headers: Record<string, string>) =>
    limited.app.inject({ method: 'POST', url: '/v1/webhook-endpoints', headers, payload: { url: 'https://example.com' } });
  const key = (await limited.app.inject({ method: 'POST', url: '/v1/keys', headers: operator, payload: { name: 'x', tenant: 'x' } })).json()
    .key;
  expect((await create(operator)).statusCode).toBe(201);
  const refused = await create(operator);
  expect([refused.statusCode, refused.json().code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await create({ authorization: `Bearer ${key}` })).statusCode).toBe(201);
  expect((await limited.app.inject({ url: '/v1/jobs', headers: operator })).statusCode).toBe(200);
  await limited.close();
});
