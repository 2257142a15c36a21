import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
let url: string;
const text = 'The quick brown fox jumps over the lazy dog';
const sha256 = createHash('sha256').update(text).digest('hex');
const etag = `"${sha256}"`;

beforeAll(async () => {
  api = await startApi();
  const { id } = (
    await api.app.inject({ method: 'POST', url: '/v1/jobs', payload: { input: { asset_id: (await api.upload()).json().id } } })
  ).json();
  const blob = { key: 't/local/blobs/aa/x', bytes: text.length, sha256, content_type: 'video/mp4' };
  await api.storage.put(blob.key, Buffer.from(text));
  api.engine.give(id, [{ name: 'video.mp4', kind: 'video', blob }]);
  url = `/v1/jobs/${id}/outputs/video.mp4`;
});
afterAll(() => api.close());

const get = (headers: Record<string, string> = {}, method: 'GET' | 'HEAD' = 'GET') => api.app.inject({ method, url, headers });

test('the whole file comes with its type, size, hash and a safe name', async () => {
  const answer = await get();
  expect([answer.statusCode, answer.body]).toEqual([200, text]);
  expect(answer.headers).toMatchObject({
    'content-type': 'video/mp4',
    'content-length': String(text.length),
    etag,
    'accept-ranges': 'bytes',
    'content-disposition': 'attachment; filename="video.mp4"',
    'x-content-type-options': 'nosniff',
  });
});

test('HEAD tells the same without the bytes', async () => {
  const answer = await get({}, 'HEAD');
  expect([answer.statusCode, answer.body, answer.headers['content-length'], answer.headers.etag]).toEqual([
    200,
    '',
    String(text.length),
    etag,
  ]);
  const part = await get({ range: 'bytes=0-3' }, 'HEAD');
  expect([part.statusCode, part.headers['content-length']]).toEqual([206, '4']);
});

test.each([
  ['bytes=4-8', 'quick', '4-8'],
  ['bytes=40-', 'dog', '40-42'],
  ['bytes=-3', 'dog', '40-42'],
  ['bytes=40-999', 'dog', '40-42'],
  ['bytes=-999', text, '0-42'],
])('%s is answered with 206 and those bytes', async (range, bytes, shown) => {
  const answer = await get({ range });
  expect([answer.statusCode, answer.body, answer.headers['content-range']]).toEqual([206, bytes, `bytes ${shown}/${text.length}`]);
  expect(answer.headers['content-length']).toBe(String(bytes.length));
});

test.each(['bytes=43-', 'bytes=99-100', 'bytes=-0'])('%s lies outside and is refused with the size', async (range) => {
  const answer = await get({ range });
  expect([answer.statusCode, answer.json().code, answer.headers['content-range']]).toEqual([
    416,
    'RANGE_UNSATISFIABLE',
    `bytes */${text.length}`,
  ]);
});

test.each(['bytes=0-1,3-4', 'bytes=8-4', 'lines=1-2', 'bytes=', 'nonsense'])(
  '%s is ignored: the whole file is the answer',
  async (range) => {
    expect([(await get({ range })).statusCode, (await get({ range })).body]).toEqual([200, text]);
  },
);

test('If-Range gives the part while the file is the same, else the whole', async () => {
  expect((await get({ range: 'bytes=0-2', 'if-range': etag })).statusCode).toBe(206);
  expect((await get({ range: 'bytes=0-2', 'if-range': '"other"' })).statusCode).toBe(200);
});

test.each([etag, `W/${etag}`, `"x", ${etag}`, '*'])('If-None-Match %s answers 304 without a body', async (header) => {
  const answer = await get({ 'if-none-match': header });
  expect([answer.statusCode, answer.body, answer.headers.etag]).toEqual([304, '', etag]);
});

test('a name that is not among the outputs answers 404', async () => {
  for (const name of ['other.mp4', '..%2f..%2fkeys', '%2e%2e']) {
    expect((await api.app.inject(url.replace('video.mp4', name))).statusCode).toBe(404);
  }
});
