import { createHash, randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createFinish } from '../../apps/api/uploads/finish.ts';
import { sweepParts, sweepUploads } from '../../apps/api/uploads/sweep.ts';
import { startApi, type TestApi, talk } from '../helpers/api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const bytes = Buffer.concat([Buffer.from('video'), randomBytes(5_000)]);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const tus = { 'tus-resumable': '1.0.0' };
const octets = { ...tus, 'content-type': 'application/offset+octet-stream' };
const metadata = (pairs: Record<string, string>) =>
  Object.entries(pairs)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
    .join(',');

async function create(
  length = bytes.length,
  pairs: Record<string, string> = { filename: 'talk.mp4' },
  headers: Record<string, string> = {},
) {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/v1/uploads',
    headers: {
      ...tus,
      'upload-length': String(length),
      ...(Object.keys(pairs).length > 0 && { 'upload-metadata': metadata(pairs) }),
      ...headers,
    },
  });
  expect(answer.statusCode).toBe(201);
  return answer.headers.location as string;
}
const patch = (url: string, offset: number, payload: Buffer, headers: Record<string, string> = {}) =>
  api.app.inject({ method: 'PATCH', url, headers: { ...octets, 'upload-offset': String(offset), ...headers }, payload });
const head = (url: string) => api.app.inject({ method: 'HEAD', url, headers: tus });
const idOf = (url: string) => url.split('/').at(-1)!;

test('an upload in two pieces becomes the asset of the same id, byte for byte', async () => {
  const url = await create();
  expect(url).toMatch(/^\/v1\/uploads\/ast_/);
  expect((await patch(url, 0, bytes.subarray(0, 2_000))).headers['upload-offset']).toBe('2000');
  expect((await head(url)).headers).toMatchObject({
    'upload-offset': '2000',
    'upload-length': String(bytes.length),
    'tus-resumable': '1.0.0',
  });
  expect((await api.app.inject(`/v1/assets/${idOf(url)}`)).statusCode).toBe(404);
  expect((await patch(url, 2_000, bytes.subarray(2_000))).statusCode).toBe(204);
  expect((await api.app.inject(`/v1/assets/${idOf(url)}`)).json()).toMatchObject({
    id: idOf(url),
    name: 'talk.mp4',
    sha256,
    bytes: bytes.length,
  });
  expect((await head(url)).headers['upload-offset']).toBe(String(bytes.length));
  expect((await patch(url, 0, bytes)).json().code).toBe('UPLOAD_OFFSET_CONFLICT');
});

test('creation takes the first bytes along', async () => {
  const answer = await api.app.inject({
    method: 'POST',
    url: '/v1/uploads',
    headers: { ...octets, 'upload-length': String(bytes.length) },
    payload: bytes,
  });
  expect([answer.statusCode, answer.headers['upload-offset']]).toEqual([201, String(bytes.length)]);
  expect((await api.app.inject(`/v1/assets/${idOf(answer.headers.location as string)}`)).json().sha256).toBe(sha256);
});

test('a wrong offset, a second writer at an old offset and too many bytes change nothing', async () => {
  const url = await create();
  await patch(url, 0, bytes.subarray(0, 1_000));
  expect((await patch(url, 0, bytes.subarray(0, 1_000))).json()).toMatchObject({ status: 409, code: 'UPLOAD_OFFSET_CONFLICT' });
  expect((await patch(url, 1_000, Buffer.concat([bytes, bytes]))).json().code).toBe('UPLOAD_TOO_LARGE');
  expect((await head(url)).headers['upload-offset']).toBe('1000');
});

test('of two writers at one offset one wins, and the bytes are those of the winner', async () => {
  const url = await create();
  const answers = await Promise.all([patch(url, 0, bytes), patch(url, 0, bytes)]);
  expect(answers.map(({ statusCode }) => statusCode).toSorted()).toEqual([204, 409]);
  expect((await api.app.inject(`/v1/assets/${idOf(url)}`)).json().sha256).toBe(sha256);
});

test('a promised hash is kept: equal bytes pass, others answer 460 and the upload is gone', async () => {
  const good = await create(bytes.length, { sha256 });
  expect((await patch(good, 0, bytes)).statusCode).toBe(204);
  const bad = await create(bytes.length, { sha256: 'f'.repeat(64) });
  expect((await patch(bad, 0, bytes)).json()).toMatchObject({ status: 460, code: 'CHECKSUM_MISMATCH' });
  expect((await head(bad)).statusCode).toBe(404);
});

test('what is no footage is refused with its last byte and leaves nothing behind', async () => {
  const url = await create(4);
  expect((await patch(url, 0, Buffer.from('text'))).json()).toMatchObject({ status: 422, code: 'SOURCE_UNREADABLE' });
  expect((await head(url)).statusCode).toBe(404);
});

test('an upload beyond the limit is refused before its first byte', async () => {
  const answer = await api.app.inject({ method: 'POST', url: '/v1/uploads', headers: { ...tus, 'upload-length': '100001' } });
  expect(answer.json()).toMatchObject({ status: 413, code: 'UPLOAD_TOO_LARGE' });
});

test('a full disk is said before the first byte', async () => {
  const full = await startApi({
    limits: { maxUploadBytes: 100_000, tenantQuotaBytes: null, retentionDays: 1, createsPerMinute: null, minFreeShare: 1 },
  });
  const answer = await full.app.inject({ method: 'POST', url: '/v1/uploads', headers: { ...tus, 'upload-length': '10' } });
  expect(answer.json()).toMatchObject({ status: 507, code: 'STORAGE_FULL' });
  expect((await full.upload()).statusCode).toBe(507);
  await full.close();
});

test('every fault of the protocol is a problem with a code', async () => {
  const url = await create();
  const send = (method: 'POST' | 'PATCH' | 'HEAD' | 'DELETE', at: string, headers: Record<string, string>) =>
    api.app.inject({ method, url: at, headers, ...(method === 'PATCH' ? { payload: Buffer.from('x') } : {}) });
  const cases = [
    [await send('POST', '/v1/uploads', { 'upload-length': '1' }), 412, 'TUS_VERSION_UNSUPPORTED'],
    [await send('POST', '/v1/uploads', { 'tus-resumable': '0.2.2', 'upload-length': '1' }), 412, 'TUS_VERSION_UNSUPPORTED'],
    [await send('POST', '/v1/uploads', tus), 400, 'REQUEST_INVALID'],
    [await send('POST', '/v1/uploads', { ...tus, 'upload-length': '-1' }), 400, 'REQUEST_INVALID'],
    [await send('POST', '/v1/uploads', { ...tus, 'upload-length': '1', 'upload-metadata': 'a b c' }), 400, 'REQUEST_INVALID'],
    [await send('PATCH', url, octets), 400, 'REQUEST_INVALID'],
    [await send('PATCH', url, { ...tus, 'content-type': 'text/plain', 'upload-offset': '0' }), 415, 'MEDIA_TYPE_UNSUPPORTED'],
    [await send('PATCH', '/v1/uploads/ast_01J00000000000000000000000', { ...octets, 'upload-offset': '0' }), 404, 'NOT_FOUND'],
    [await send('PATCH', '/v1/uploads/..%2f..%2fetc', { ...octets, 'upload-offset': '0' }), 404, 'NOT_FOUND'],
    [await send('DELETE', '/v1/uploads/nothing', tus), 404, 'NOT_FOUND'],
  ] as const;
  for (const [answer, status, code] of cases) {
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.headers['tus-resumable']).toBe('1.0.0');
  }
});

test('termination removes a partial upload and a finished one alike', async () => {
  const partial = await create();
  await patch(partial, 0, bytes.subarray(0, 10));
  expect((await api.app.inject({ method: 'DELETE', url: partial, headers: tus })).statusCode).toBe(204);
  expect((await head(partial)).statusCode).toBe(404);
  const whole = await create();
  await patch(whole, 0, bytes);
  expect((await api.app.inject({ method: 'DELETE', url: whole, headers: tus })).statusCode).toBe(204);
  expect((await api.app.inject(`/v1/assets/${idOf(whole)}`)).statusCode).toBe(404);
});

test('another tenant’s upload answers as one that never was', async () => {
  const shared = await startApi({ adminKey: 'operator-key' });
  const admin = { authorization: 'Bearer operator-key' };
  const key = (await shared.app.inject({ method: 'POST', url: '/v1/keys', headers: admin, payload: { name: 'b', tenant: 'b' } })).json()
    .key;
  const answer = await shared.app.inject({ method: 'POST', url: '/v1/uploads', headers: { ...tus, ...admin, 'upload-length': '5' } });
  const url = answer.headers.location as string;
  const look = (at: string) =>
    shared.app.inject({ method: 'PATCH', url: at, headers: { ...octets, authorization: `Bearer ${key}`, 'upload-offset': '0' } });
  const [foreign, unknown] = [await look(url), await look('/v1/uploads/ast_01J00000000000000000000000')];
  const mine = { instance: expect.any(String), request_id: expect.any(String) };
  expect(foreign.json()).toEqual({ ...unknown.json(), ...mine });
  expect(foreign.json().code).toBe('NOT_FOUND');
  await shared.close();
});

test('the same Idempotency-Key gives the same upload', async () => {
  const headers = { 'idempotency-key': 'upload-1' };
  expect(await create(100, {}, headers)).toBe(await create(100, {}, headers));
});

test('a connection cut in mid-upload loses nothing that arrived', async () => {
  await api.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = api.app.server.address() as { port: number };
  const url = await create();
  const cut = httpRequest({ port, method: 'PATCH', path: url, headers: { ...octets, 'upload-offset': 0, 'content-length': bytes.length } });
  cut.on('error', () => undefined);
  cut.write(bytes.subarray(0, 3_000));
  await expect.poll(async () => (await head(url)).headers['upload-offset']).toBe('3000');
  cut.destroy();
  await expect.poll(async () => (await patch(url, 3_000, bytes.subarray(3_000))).statusCode).toBe(204);
  expect((await api.app.inject(`/v1/assets/${idOf(url)}`)).json().sha256).toBe(sha256);
});

test('what our own fault held up stays: an empty PATCH at the end, or the sweep, finishes it', async () => {
  let ill = true;
  const weak = await startApi({
    inspect: async () => {
      if (ill) throw new CutroomError('STORAGE_UNAVAILABLE', 'The disk is busy.');
      return talk;
    },
  });
  const begin = async () => {
    const answer = await weak.app.inject({
      method: 'POST',
      url: '/v1/uploads',
      headers: { ...octets, 'upload-length': String(bytes.length) },
      payload: bytes,
    });
    expect(answer.statusCode).toBe(503);
  };
  await begin();
  await begin();
  const [first, second] = (await readdir(join(weak.uploadDir, 'tus/local'))).filter((name) => !name.endsWith('.json')) as [string, string];
  ill = false;
  const headers = { ...octets, 'upload-offset': String(bytes.length) };
  expect((await weak.app.inject({ method: 'PATCH', url: `/v1/uploads/${first}`, headers })).statusCode).toBe(204);
  await sweep(weak, 25 * hourMs);
  for (const id of [first, second]) expect((await weak.app.inject(`/v1/assets/${id}`)).json().sha256).toBe(sha256);
  await weak.close();
});

test('the sweep ends partial uploads after a day and never a complete one; they answer 410, later 404', async () => {
  const partial = await create();
  await patch(partial, 0, bytes.subarray(0, 10));
  const whole = await create();
  await patch(whole, 0, bytes);
  await sweep(api, hourMs);
  expect((await head(partial)).headers['upload-offset']).toBe('10');
  await sweep(api, 25 * hourMs);
  expect((await head(partial)).statusCode).toBe(410);
  expect((await api.app.inject(`/v1/assets/${idOf(whole)}`)).statusCode).toBe(200);
  await sweep(api, 8 * 24 * hourMs);
  expect((await head(partial)).statusCode).toBe(404);
});

test('parts of multipart uploads that a killed process left are swept after a day', async () => {
  await writeFile(join(api.uploadDir, 'left.part'), 'x');
  await sweepParts(api.uploadDir);
  expect(await api.filesLeft()).toEqual(['left.part']);
  await sweepParts(api.uploadDir, () => Date.now() + 25 * hourMs);
  expect(await api.filesLeft()).toEqual([]);
});

const hourMs = 3_600_000;

function sweep({ uploadDir, deps }: TestApi, laterMs: number): Promise<void> {
  const finish = createFinish(deps, new AbortController().signal);
  const log = { warn: (fault: unknown) => expect(fault).toBeUndefined() };
  return sweepUploads({ dir: join(uploadDir, 'tus'), finish, log, now: () => Date.now() + laterMs });
}
