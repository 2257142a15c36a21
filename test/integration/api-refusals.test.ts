import { afterAll, beforeAll, expect, test } from 'vitest';
import { CutroomError, errorTable } from '#contracts/errors';
import { problemSchema } from '../../apps/api/problems.ts';
import { multipart, startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
let asset: string;
beforeAll(async () => {
  api = await startApi();
  asset = (await api.upload()).json().id;
});
afterAll(() => api.close());

type Answer = Awaited<ReturnType<typeof post>>;
const json = { 'content-type': 'application/json' };
const post = (url: string, payload: string | object, headers: Record<string, string> = json) =>
  api.app.inject({ method: 'POST', url, headers, payload });
const job = (change: object) => post('/v1/jobs', { input: { asset_id: asset }, ...change });

/** Everything that every refusal promises; returns its body. */
function problemOf(answer: Answer) {
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(answer.json());
  expect(problem.status).toBe(answer.statusCode);
  expect(problem.request_id).toBe(answer.headers['x-request-id']);
  expect(problem).toMatchObject({ title: errorTable[problem.code].title, advice: errorTable[problem.code].advice });
  expect(answer.body).not.toMatch(/node_modules|\.ts:|\/tmp\/|at Object\./);
  return problem;
}

test.each([
  [{ features: { silence_removal: { pad_ms: 5000 } } }, '/features/silence_removal/pad_ms'],
  [{ features: { silence_removal: { padding: 1 } } }, '/features/silence_removal/padding'],
  [{ features: { silence_removal: 'yes' } }, '/features/silence_removal'],
  [{ features: { loudnes: true } }, '/features/loudnes'],
  [{ features: { interchange: ['otio', 'mov'] } }, '/features/interchange/1'],
  [{ features: { clips: { count: 99 } } }, '/features/clips/count'],
  [{ feature: {} }, '/feature'],
  [{ quality: 'best' }, '/quality'],
  [{ limits: { timeout_s: '60' } }, '/limits/timeout_s'],
  [{ input: {} }, '/input/asset_id'],
  [{ input: undefined }, '/input'],
  [{ input: { asset_id: 'ast_1' } }, '/input/asset_id'],
  [{ input: { url: 'not an address' } }, '/input/url'],
  [{ transcript: { words: [{ text: 'a', start_s: 0 }] } }, '/transcript/words/0/end_s'],
  [{ metadata: { a: 1 } }, '/metadata/a'],
  [{ webhook: { url: 'https://example.com', events: ['job.exploded'] } }, '/webhook/events/0'],
  [{ 'a/b~c': 1 }, '/a~1b~0c'],
])('a job with %j is refused at %s', async (change, pointer) => {
  const problem = problemOf(await job(change));
  expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
});

test('all faults of a request are named at once', async () => {
  const { errors } = problemOf(await job({ quality: 'best', mode: 'slow', nonsense: 1, more: 2 }));
  expect(errors?.map(({ pointer }) => pointer).toSorted()).toEqual(['/mode', '/more', '/nonsense', '/quality']);
});

test.each([
  ['an asset that never was', { input: { asset_id: 'ast_01J00000000000000000000000' } }, 404, 'ASSET_NOT_FOUND', '/input/asset_id'],
  ['a codec without an encoder', { output: { codec: 'av1' } }, 422, 'CAPABILITY_MISSING', '/output/codec'],
  ['an unknown profile', { profile: 'no-such' }, 400, 'REQUEST_INVALID', '/profile'],
  ['a transcript without a cue', { transcript: { srt: 'hello' } }, 422, 'TRANSCRIPT_UNREADABLE', '/transcript'],
  ['a webhook to a private address', { webhook: { url: 'http://127.0.0.1/x' } }, 422, 'URL_NOT_ALLOWED', '/webhook/url'],
  ['footage at a private address', { input: { url: 'http://127.0.0.1/x' } }, 422, 'URL_NOT_ALLOWED', '/input/url'],
] as const)('a job with %s is refused with a code and a pointer', async (_name, change, status, code, pointer) => {
  expect(problemOf(await job(change))).toMatchObject({ status, code, errors: [{ pointer }] });
});

test('sound without a picture is an asset but no job', async () => {
  const { id } = (await api.upload('sound')).json();
  expect(problemOf(await job({ input: { asset_id: id } }))).toMatchObject({
    status: 422,
    code: 'SOURCE_HAS_NO_VIDEO',
    errors: [{ pointer: '/input/asset_id' }],
  });
});

test.each([
  ['broken JSON', '/v1/jobs', '{"input":', json, 400, 'BODY_UNREADABLE'],
  ['an empty body', '/v1/jobs', '', json, 400, 'REQUEST_INVALID'],
  ['a list instead of an object', '/v1/jobs', '[]', json, 400, 'REQUEST_INVALID'],
  ['33 levels of nesting', '/v1/jobs', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`, json, 400, 'BODY_UNREADABLE'],
  ['a million levels of nesting', '/v1/jobs', '['.repeat(1_000_000), json, 400, 'BODY_UNREADABLE'],
  ['__proto__', '/v1/jobs', '{"__proto__":{"x":1}}', json, 400, 'REQUEST_INVALID'],
  ['an escaped __proto__', '/v1/jobs', '{"metadata":{"\\u005f_proto__":"x"}}', json, 400, 'REQUEST_INVALID'],
  ['XML', '/v1/jobs', '<a/>', { 'content-type': 'application/xml' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['plain text', '/v1/jobs', 'x', { 'content-type': 'text/plain' }, 415, 'MEDIA_TYPE_UNSUPPORTED'],
  ['more JSON than a route takes', '/v1/keys', `{"name":"${'x'.repeat(1_100_000)}"}`, json, 413, 'UPLOAD_TOO_LARGE'],
  [
    'a multipart body that breaks off',
    '/v1/assets',
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nvid',
    { 'content-type': 'multipart/form-data; boundary=b' },
    400,
    'BODY_UNREADABLE',
  ],
  ['a multipart body without a boundary', '/v1/assets', 'x', { 'content-type': 'multipart/form-data' }, 400, 'BODY_UNREADABLE'],
  ['neither file nor address', '/v1/assets', '', {}, 415, 'MEDIA_TYPE_UNSUPPORTED'],
])('%s is refused', async (_name, url, payload, headers, status, code) => {
  expect(problemOf(await post(url, payload, headers as Record<string, string>))).toMatchObject({ status, code });
});

test.each([
  ['an empty file', '', 422, 'SOURCE_UNREADABLE'],
  ['a text', 'just words', 422, 'SOURCE_UNREADABLE'],
  ['one byte too many', `video${'x'.repeat(99_996)}`, 413, 'UPLOAD_TOO_LARGE'],
])('uploading %s is refused and nothing is stored', async (_name, bytes, status, code) => {
  const before = await api.storage.list('');
  expect(problemOf(await api.upload(bytes))).toMatchObject({ status, code });
  expect(await api.storage.list('')).toEqual(before);
  await expect.poll(api.filesLeft).toEqual([]);
});

test('a file of exactly the limit is taken', async () => {
  expect((await api.upload(`video${'x'.repeat(99_995)}`)).statusCode).toBe(201);
});

test('a multipart request with another part, no file, or an input of its own is refused at that part', async () => {
  const file = { name: 'file', filename: 'a.mp4', bytes: 'video' };
  const send = async (parts: Parameters<typeof multipart>[0]) =>
    problemOf(await api.app.inject({ method: 'POST', url: '/v1/jobs', ...multipart(parts) }));
  expect((await send([{ name: 'video', filename: 'a', bytes: 'video' }])).errors).toMatchObject([{ pointer: '/video' }]);
  expect((await send([{ name: 'request', bytes: '{}' }])).errors).toMatchObject([{ pointer: '/file' }]);
  expect((await send([file, { name: 'request', bytes: '{"input":{}}' }])).errors).toMatchObject([{ pointer: '/input' }]);
  expect((await send([file, { name: 'request', bytes: '{"quality":1}' }])).errors).toMatchObject([{ pointer: '/quality' }]);
  expect((await send([file, { name: 'request', bytes: '{' }])).code).toBe('BODY_UNREADABLE');
  await expect.poll(api.filesLeft).toEqual([]);
});

test('an unknown route is 404; a known one with another method is 405 and says which it takes', async () => {
  expect(problemOf(await api.app.inject('/v2/jobs'))).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
  expect(problemOf(await api.app.inject('/v1/jobs/%zz'))).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
  const answer = await api.app.inject({ method: 'PATCH', url: '/v1/jobs' });
  expect(problemOf(answer)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
  expect(answer.headers.allow).toBe('GET, HEAD, POST');
});

test.each([
  '/v1/jobs/job_01J00000000000000000000000',
  '/v1/jobs/..%2f..%2fkeys',
  '/v1/jobs/job_01J00000000000000000000000/events',
  '/v1/jobs/job_01J00000000000000000000000/outputs/video.mp4',
  '/v1/jobs/job_01J00000000000000000000000/plan',
  '/v1/jobs/job_01J00000000000000000000000/report',
  '/v1/jobs/job_01J00000000000000000000000/logs',
  '/v1/assets/ast_01J00000000000000000000000',
  '/v1/batches/bat_01J00000000000000000000000',
  '/v1/batches/%00',
  '/v1/webhook-endpoints/whe_01J00000000000000000000000',
])('GET %s of what is not there answers 404', async (url) => {
  expect(problemOf(await api.app.inject(url))).toMatchObject({ status: 404, code: 'NOT_FOUND' });
});

test.each(['limit=0', 'limit=101', 'limit=x', 'status=done', 'nonsense=1', 'cursor=%2e%2e%2f'])('a list refuses ?%s', async (query) => {
  expect(problemOf(await api.app.inject(`/v1/jobs?${query}`)).errors?.[0]?.pointer).toBe(`/${query.split('=')[0]}`);
});

test('while no work can be accepted a job answers 503 with Retry-After, and reads go on', async () => {
  const full = await startApi({
    admission: () => new CutroomError('QUEUE_UNAVAILABLE', { detail: 'Redis does not answer.', retryAfterS: 2 }),
  });
  for (const url of ['/v1/jobs', '/v1/batches']) {
    const answer = await full.app.inject({ method: 'POST', url, payload: {} });
    expect([answer.statusCode, answer.json().code, answer.headers['retry-after']]).toEqual([503, 'QUEUE_UNAVAILABLE', '2']);
  }
  expect((await full.app.inject('/v1/jobs')).statusCode).toBe(200);
  await full.close();
});

test('a fault of ours tells its request id and nothing else', async () => {
  const broken = await startApi({
    stats: async () => {
      throw new Error('secret detail in /srv/cutroom/main.ts:12');
    },
  });
  const answer = await broken.app.inject('/v1/system/stats');
  expect(problemOf(answer)).toMatchObject({ status: 500, code: 'INTERNAL' });
  expect(answer.body).not.toContain('secret');
  await broken.close();
});
