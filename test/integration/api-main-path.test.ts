import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { assetViewSchema, jobViewSchema } from '#contracts/job';
import { multipart, startApi, type TestApi } from '../helpers/api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const createJob = (payload: object, headers = {}) => api.app.inject({ method: 'POST', url: '/v1/jobs', payload, headers });

test('an upload becomes an asset whose hash is that of the bytes sent, and leaves no file behind', async () => {
  const answer = await api.upload('video of a talk');
  expect(answer.statusCode).toBe(201);
  const asset = assetViewSchema.parse(answer.json());
  expect(asset).toMatchObject({ name: 'talk.mp4', bytes: 15, sha256: createHash('sha256').update('video of a talk').digest('hex') });
  expect(answer.headers.location).toBe(`/v1/assets/${asset.id}`);
  expect((await api.app.inject(`/v1/assets/${asset.id}`)).json()).toEqual(asset);
  expect((await api.app.inject('/v1/assets')).json().data).toEqual([asset]);
  await expect.poll(api.filesLeft).toEqual([]);
});

test('a job is accepted with 202, a Location, and the view that GET repeats', async () => {
  const { id } = (await api.upload()).json();
  const answer = await createJob({ input: { asset_id: id }, external_id: 'mine', metadata: { k: 'v' } });
  expect(answer.statusCode).toBe(202);
  const job = jobViewSchema.parse(answer.json());
  expect(job).toMatchObject({ status: 'queued', progress: 0, external_id: 'mine', metadata: { k: 'v' } });
  expect(answer.headers.location).toBe(`/v1/jobs/${job.id}`);
  expect((await api.app.inject(`/v1/jobs/${job.id}`)).json()).toEqual(answer.json());
  expect((await api.app.inject('/v1/jobs?external_id=mine&status=queued')).json().data).toHaveLength(1);
  expect((await api.app.inject('/v1/jobs?external_id=other')).json().data).toEqual([]);
});

test('one multipart call uploads and creates, with the request before or after the file', async () => {
  const file = { name: 'file', filename: 'a.mp4', bytes: 'video' };
  const request = { name: 'request', type: 'application/json', bytes: JSON.stringify({ quality: 'low' }) };
  for (const parts of [[file, request], [request, file], [file], [file, { ...request, filename: 'request.json' }]]) {
    const answer = await api.app.inject({ method: 'POST', url: '/v1/jobs', ...multipart(parts) });
    expect(answer.statusCode).toBe(202);
    const assetId = answer.json().request.input.asset_id;
    expect((await api.app.inject(`/v1/assets/${assetId}`)).statusCode).toBe(200);
  }
  expect(api.engine.jobCount()).toBe(4);
});

test('a list goes on where the cursor points, newest first', async () => {
  const { id } = (await api.upload()).json();
  for (const external_id of ['1', '2', '3']) await createJob({ input: { asset_id: id }, external_id });
  const first = (await api.app.inject('/v1/jobs?limit=2')).json();
  expect(first.data.map((job: { external_id: string }) => job.external_id)).toHaveLength(2);
  expect(first.has_more).toBe(true);
  const rest = (await api.app.inject(`/v1/jobs?limit=2&cursor=${first.next_cursor}`)).json();
  expect(rest).toMatchObject({ has_more: false, next_cursor: null });
  expect(rest.data).toHaveLength(1);
});

test('a dry run says what would be done and creates nothing', async () => {
  const { id } = (await api.upload()).json();
  const answer = await api.app.inject({
    method: 'POST',
    url: '/v1/jobs?dry_run=true',
    payload: { input: { asset_id: id }, features: { beat_sync: true, thumbnails: { count: 2 } } },
  });
  expect(answer.statusCode).toBe(200);
  const { stages, outputs, estimate, warnings } = answer.json();
  expect(stages.map((stage: { name: string }) => stage.name)).toContain('render-chunk');
  expect(outputs.map((output: { name: string }) => output.name)).toEqual(
    expect.arrayContaining(['video.mp4', 'thumbnail-2.jpg', 'captions.srt']),
  );
  expect(estimate).toMatchObject({ usd: 0, ai_calls: 0 });
  expect(estimate.seconds).toBeGreaterThan(0);
  expect(warnings).toEqual([]);
  expect(api.engine.jobCount()).toBe(0);
});

test('wishes that cannot come true are warnings of the job, not failures', async () => {
  const { id } = (await api.upload('quiet')).json();
  const answer = await createJob({
    input: { asset_id: id },
    features: { beat_sync: true, clips: true, smart_render: true },
    output: { aspect: '9:16' },
  });
  const messages = answer.json().warnings.map((warning: { message: string }) => warning.message.split(':')[0]);
  expect(messages).toEqual(['features.beat_sync', 'features.audio_enhance', 'features.loudness', 'features.captions']);
});

test('cancel ends a job once; a cancelled job can be retried', async () => {
  const { id: asset } = (await api.upload()).json();
  const { id } = (await createJob({ input: { asset_id: asset } })).json();
  const post = (action: string, payload?: object) =>
    api.app.inject({ method: 'POST', url: `/v1/jobs/${id}/${action}`, ...(payload ? { payload } : {}) });
  expect((await post('retry')).json().code).toBe('JOB_NOT_RETRYABLE');
  expect(await post('cancel').then((answer) => [answer.statusCode, answer.json().status])).toEqual([202, 'cancelled']);
  expect((await post('cancel')).json().code).toBe('JOB_FINISHED');
  expect(await post('retry', { fresh: ['direct'] }).then((answer) => [answer.statusCode, answer.json().status])).toEqual([202, 'queued']);
  expect((await post('retry', { fresh: ['no-such-stage'] })).json().errors[0].pointer).toBe('/fresh/0');
  expect((await post('approve')).json().code).toBe('JOB_NOT_READY');
});

test('an asset that an open job reads is kept; afterwards it can be deleted', async () => {
  const { id: asset } = (await api.upload()).json();
  const { id } = (await createJob({ input: { asset_id: asset } })).json();
  const remove = () => api.app.inject({ method: 'DELETE', url: `/v1/assets/${asset}` });
  expect((await remove()).json().code).toBe('ASSET_IN_USE');
  await api.app.inject({ method: 'POST', url: `/v1/jobs/${id}/cancel` });
  expect((await remove()).statusCode).toBe(204);
  expect((await remove()).json().code).toBe('NOT_FOUND');
});

test('health, readiness, metrics, documents and the OpenAPI document answer without a key', async () => {
  const closed = await startApi({ adminKey: 'secret-of-the-operator' });
  for (const url of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs/', '/docs/static/swagger-ui.css']) {
    expect([url, (await closed.app.inject(url)).statusCode]).toEqual([url, 200]);
  }
  expect((await closed.app.inject('/v1/jobs')).statusCode).toBe(401);
  await closed.close();
});

test('readiness turns to 503 when a part is not ready, health does not', async () => {
  const ill = await startApi({ readiness: async () => [{ name: 'redis', ready: false, detail: 'gone' }] });
  const answer = await ill.app.inject('/readyz');
  expect([answer.statusCode, answer.json().checks[0].detail]).toEqual([503, 'gone']);
  expect((await ill.app.inject('/healthz')).statusCode).toBe(200);
  await ill.close();
});
