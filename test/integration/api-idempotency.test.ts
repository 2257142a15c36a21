import { afterEach, beforeEach, expect, test } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createIdempotency } from '../../apps/api/idempotency.ts';
import { multipart, startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
let asset: string;
beforeEach(async () => {
  api = await startApi();
  asset = (await api.upload()).json().id;
});
afterEach(() => api.close());

const post = (key: string, change: object = {}) =>
  api.app.inject({
    method: 'POST',
    url: '/v1/jobs',
    headers: { 'idempotency-key': key },
    payload: { input: { asset_id: asset }, ...change },
  });

test('the same key and body give the same answer, marked as a repeat, and one job', async () => {
  const first = await post('k1');
  const second = await post('k1');
  expect([first.statusCode, second.statusCode]).toEqual([202, 202]);
  expect(second.json()).toEqual(first.json());
  expect(second.headers).toMatchObject({ 'idempotent-replayed': 'true', location: first.headers.location });
  expect(first.headers['idempotent-replayed']).toBeUndefined();
  expect(api.engine.jobCount()).toBe(1);
});

test('the order of fields does not make another body', async () => {
  const first = await post('k1', { quality: 'low', mode: 'fast' });
  const second = await post('k1', { mode: 'fast', quality: 'low' });
  expect(second.json().id).toBe(first.json().id);
});

test('the same key with another body is refused', async () => {
  await post('k1');
  expect((await post('k1', { quality: 'low' })).json()).toMatchObject({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED' });
});

test.each(['', 'ü'.repeat(3), 'x'.repeat(256)])('a malformed key is refused', async (key) => {
  expect((await post(key)).json()).toMatchObject({ status: 400, code: 'IDEMPOTENCY_KEY_INVALID' });
});

test('of fifty posts at once with one key one makes a job; the others repeat it or are told to wait', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => post('storm')));
  const kinds = new Set(answers.map(({ statusCode }) => statusCode));
  expect([...kinds].every((status) => status === 202 || status === 409)).toBe(true);
  const ids = new Set(answers.filter(({ statusCode }) => statusCode === 202).map((answer) => answer.json().id));
  expect([ids.size, api.engine.jobCount()]).toEqual([1, 1]);
  const refused = answers.find(({ statusCode }) => statusCode === 409);
  if (refused) expect([refused.json().code, refused.headers['retry-after']]).toEqual(['IDEMPOTENCY_IN_FLIGHT', '1']);
});

test('a refusal that would come again is kept, one that would not is not', async () => {
  const unknown = { input: { asset_id: 'ast_01J00000000000000000000000' } };
  const first = await post('k1', unknown);
  const second = await post('k1', unknown);
  expect([first.statusCode, second.statusCode]).toEqual([404, 404]);
  expect((await post('k1')).json().code).toBe('IDEMPOTENCY_KEY_REUSED');
  const { create } = api.engine.jobs;
  api.engine.jobs.create = async () => {
    throw new CutroomError('STORAGE_UNAVAILABLE', 'gone');
  };
  expect((await post('k2')).statusCode).toBe(503);
  api.engine.jobs.create = create;
  expect((await post('k2')).statusCode).toBe(202);
});

test('a multipart request is known by its parts, not by its boundary or the id it was given', async () => {
  const send = (bytes: string, request: object) =>
    api.app.inject({
      method: 'POST',
      url: '/v1/jobs',
      ...multipart(
        [
          { name: 'file', filename: 'a.mp4', bytes },
          { name: 'request', bytes: JSON.stringify(request) },
        ],
        { 'idempotency-key': 'm' },
      ),
    });
  const first = await send('video', { quality: 'low' });
  expect((await send('video', { quality: 'low' })).json()).toEqual(first.json());
  expect((await send('video!', { quality: 'low' })).json().code).toBe('IDEMPOTENCY_KEY_REUSED');
  expect((await send('video', { quality: 'high' })).json().code).toBe('IDEMPOTENCY_KEY_REUSED');
});

test('uploads, batches, keys and endpoints are made once too, and a secret is told again but not stored readably', async () => {
  const cases = [
    ['/v1/batches', { jobs: [{ input: { asset_id: asset } }] }],
    ['/v1/keys', { name: 'ci' }],
    ['/v1/webhook-endpoints', { url: 'https://example.com/hook' }],
  ] as const;
  for (const [url, payload] of cases) {
    const send = () => api.app.inject({ method: 'POST', url, payload, headers: { 'idempotency-key': `same-${url}` } });
    const [first, second] = [await send(), await send()];
    expect(first.statusCode).toBeLessThan(300);
    expect(second.json()).toEqual(first.json());
  }
  const upload = () => api.upload('video', { 'idempotency-key': 'up' });
  expect((await upload()).json().id).toBe((await upload()).json().id);
  for (const at of await api.storage.list('t/local/idempotency/')) {
    expect((await api.storage.get(at))!.toString()).not.toMatch(/ck_|whsec_/);
  }
});

test('a claim that a dead process left is taken over with the same id', async () => {
  let nowMs = Date.now();
  const ids: string[] = [];
  const ask = (crash: boolean) =>
    createIdempotency(api.storage, () => nowMs).once({
      tenant: 'local',
      key: 'crash',
      fingerprint: { a: 1 },
      prefix: 'job',
      work: async (id) => {
        ids.push(id);
        if (crash) throw new Error('killed');
        return { status: 202, headers: {}, body: { id } };
      },
    });
  await expect(ask(true)).rejects.toThrow('killed');
  await expect(ask(false)).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_FLIGHT' });
  nowMs += 16_000;
  expect(await ask(false)).toMatchObject({ body: { id: ids[0] }, replayed: false });
  expect(await ask(false)).toMatchObject({ body: { id: ids[0] }, replayed: true });
  nowMs += 25 * 3_600_000;
  expect((await ask(false)).body).not.toEqual({ id: ids[0] });
});
