import { afterEach, beforeEach, expect, test } from 'vitest';
import type { QueueView, WebhookDelivery } from '../../apps/api/deps.ts';
import { startApi, type TestApi } from '../helpers/api.ts';
import { createFakeWebhooks } from '../helpers/fake-webhooks.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
const call = (method: Method, url: string, payload?: object, headers: Record<string, string> = {}) =>
  api.app.inject({ method, url, headers, ...(payload ? { payload } : {}) });

async function createJob(change: object = {}): Promise<{ id: string; asset: string }> {
  const asset = (await api.upload()).json().id;
  return { id: (await call('POST', '/v1/jobs', { input: { asset_id: asset }, ...change })).json().id, asset };
}

test('a batch takes what it can and names by index what it cannot', async () => {
  const { asset } = await createJob();
  const good = { input: { asset_id: asset } };
  const answer = await call('POST', '/v1/batches', {
    jobs: [good, { ...good, quality: 'best' }, good, { input: { asset_id: 'ast_01J00000000000000000000000' } }, 7],
  });
  expect(answer.statusCode).toBe(202);
  const batch = answer.json();
  expect(batch).toMatchObject({ total: 5, refused: 3, counts: { queued: 2 }, progress: 0, finished: false });
  expect(batch.members[1].error).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ pointer: '/jobs/1/quality' }] });
  expect(batch.members[3].error).toMatchObject({ code: 'ASSET_NOT_FOUND', errors: [{ pointer: '/jobs/3/input/asset_id' }] });
  expect(batch.members[4].error.errors[0].pointer).toBe('/jobs/4');
  expect((await call('GET', `/v1/jobs?batch_id=${batch.id}`)).json().data).toHaveLength(2);
  expect((await call('GET', answer.headers.location as string)).json()).toEqual(batch);

  api.engine.advance(batch.members[0].job_id, { status: 'completed' }, 'job.completed');
  expect((await call('GET', `/v1/batches/${batch.id}`)).json()).toMatchObject({
    counts: { completed: 1, queued: 1 },
    progress: 50,
    finished: false,
  });
  const cancelled = await call('POST', `/v1/batches/${batch.id}/cancel`);
  expect(cancelled.json()).toMatchObject({ counts: { completed: 1, cancelled: 1 }, progress: 100, finished: true });
});

test('a batch holds 500 jobs and not one more', async () => {
  const { asset } = await createJob();
  const jobs = Array.from({ length: 501 }, () => ({ input: { asset_id: asset } }));
  expect((await call('POST', '/v1/batches', { jobs })).json().errors[0].pointer).toBe('/jobs');
  expect((await call('POST', '/v1/batches', { jobs: jobs.slice(1) })).json()).toMatchObject({
    total: 500,
    refused: 0,
    counts: { queued: 500 },
  });
});

test('a profile of one’s own fills what the job leaves open; explicit fields win', async () => {
  expect((await call('PUT', '/v1/profiles/mine', { quality: 'low', features: { preview: false, broll: true } })).statusCode).toBe(200);
  const names = (await call('GET', '/v1/profiles')).json().data.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['speed_optimized', 'quality_optimized', 'resource_constrained', 'batch_processing', 'mine']);
  const { asset } = await createJob();
  const dryRun = await call('POST', '/v1/jobs?dry_run=true', { input: { asset_id: asset }, profile: 'mine', features: { broll: false } });
  expect(dryRun.json().warnings).toEqual([]);
  expect(dryRun.json().stages.map(({ name }: { name: string }) => name)).not.toContain('preview');
  expect((await call('DELETE', '/v1/profiles/mine')).statusCode).toBe(204);
  expect((await call('DELETE', '/v1/profiles/mine')).statusCode).toBe(404);
});

test('built-in profiles stand; bad names and fields are refused', async () => {
  expect((await call('PUT', '/v1/profiles/speed_optimized', {})).json().code).toBe('PROFILE_BUILT_IN');
  expect((await call('DELETE', '/v1/profiles/speed_optimized')).json().code).toBe('PROFILE_BUILT_IN');
  expect((await call('PUT', '/v1/profiles/Bad%20Name', {})).json().errors[0].pointer).toBe('/name');
  expect((await call('PUT', '/v1/profiles/mine', { webhook: {} })).json().errors[0].pointer).toBe('/webhook');
});

const plan = {
  version: 1 as const,
  revision: 1,
  by: 'rules',
  source: { sha256: 'x', duration_s: 10, frames: 240, fps: '24/1', width: 1280, height: 720 },
  keep: [{ start_frame: 0, end_frame: 240 }],
  cuts: [],
  uncertain: [],
  overlays: [],
  captions: { burn: false, formats: ['srt' as const], words: [] },
  clips: [],
  thumbnails: [],
  audio: { denoise: { method: 'none' as const, wet: 0, estimated_snr_db: null }, target_lufs: -14, gain_db: null },
  beats: null,
};

test('a plan is changed only by who has read it as it is now', async () => {
  const { id } = await createJob();
  const url = `/v1/jobs/${id}/plan`;
  expect((await call('GET', url)).json().code).toBe('JOB_NOT_READY');
  api.engine.plan(id, plan);
  const read = await call('GET', url);
  expect(read.json()).toEqual(plan);
  expect(read.headers.etag).toBe('"first"');
  expect((await call('PUT', url, plan)).json()).toMatchObject({ status: 428, code: 'PRECONDITION_REQUIRED' });
  expect((await call('PUT', url, plan, { 'if-match': '"other"' })).json()).toMatchObject({ status: 412, code: 'REVISION_CONFLICT' });
  expect((await call('PUT', url, { ...plan, keep: [] }, { 'if-match': '"first"' })).json().errors[0].pointer).toBe('/keep');
  const changed = await call('PUT', url, plan, { 'if-match': '"first"' });
  expect([changed.statusCode, changed.json().revision]).toEqual([202, 2]);
  expect((await call('PUT', url, plan, { 'if-match': '"first"' })).statusCode).toBe(412);
});

test('a plan that cannot be rendered is refused by place, and one that only moves a cut is made whole', async () => {
  const { id } = await createJob();
  api.engine.plan(id, plan);
  const put = (given: object) => call('PUT', `/v1/jobs/${id}/plan`, { ...plan, ...given }, { 'if-match': '"first"' });
  const { frames } = plan.source;
  const pointerOf = async (given: object) => (await put(given)).json().errors[0].pointer;
  expect(await pointerOf({ keep: [{ start_frame: 0, end_frame: frames + 1 }] })).toBe('/keep/0/end_frame');
  expect(await pointerOf({ keep: [{ start_frame: 5, end_frame: 5 }] })).toBe('/keep/0');
  expect(await pointerOf({ source: { ...plan.source, frames: frames + 1 } })).toBe('/source');
  expect(await pointerOf({ thumbnails: [{ frame: frames, headline: '', impact: 0, layout: 'full' }] })).toBe('/thumbnails/0/frame');
  expect((await put({ keep: [{ start_frame: 0, end_frame: frames - 5 }] })).statusCode).toBe(202);
  const { cuts } = (await call('GET', `/v1/jobs/${id}/plan`)).json();
  expect(cuts).toEqual([{ start_frame: frames - 5, end_frame: frames, reason: 'manual', confidence: 1 }]);
});

test('a job that awaits review goes on when it is approved', async () => {
  const { id } = await createJob({ review: true });
  api.engine.advance(id, { status: 'awaiting_review' }, 'job.awaiting_review');
  expect((await call('POST', `/v1/jobs/${id}/approve`)).json().status).toBe('processing');
});

test('the report comes with the end, logs at any time', async () => {
  const { id } = await createJob();
  expect((await call('GET', `/v1/jobs/${id}/report`)).json().code).toBe('JOB_NOT_READY');
  expect((await call('GET', `/v1/jobs/${id}/logs`)).json()).toEqual({ data: [{ stage: 'ingest' }] });
  api.engine.advance(id, { status: 'completed' }, 'job.completed');
  expect((await call('GET', `/v1/jobs/${id}/report`)).json()).toMatchObject({ stages: [] });
});

test('a webhook endpoint tells its secret when it is made or rotated, and never else', async () => {
  const url = '/v1/webhook-endpoints';
  const made = (await call('POST', url, { url: 'https://example.com/hook', events: ['job.completed'] })).json();
  expect(made.secret).toMatch(/^whsec_/);
  const { secret: _, ...endpoint } = made;
  expect((await call('GET', `${url}/${made.id}`)).json()).toEqual(endpoint);
  expect((await call('GET', url)).json().data).toEqual([endpoint]);
  expect((await call('PATCH', `${url}/${made.id}`, { enabled: false })).json()).toEqual({ ...endpoint, enabled: false });
  expect((await call('PATCH', `${url}/${made.id}`, { url: 'http://127.0.0.1' })).json().code).toBe('URL_NOT_ALLOWED');
  expect((await call('POST', `${url}/${made.id}/rotate`)).json().secret).not.toBe(made.secret);
  expect((await call('GET', `${url}/default`)).json()).toEqual({ id: 'default', secret: 'whsec_default' });
  expect((await call('DELETE', `${url}/${made.id}`)).statusCode).toBe(204);
  expect((await call('GET', `${url}/${made.id}`)).statusCode).toBe(404);
  expect((await call('POST', url, { url: 'ftp://example.com' })).json().errors[0].pointer).toBe('/url');
});

test('deliveries are listed and sent again', async () => {
  const delivery: WebhookDelivery = {
    id: 'whd_1',
    endpoint_id: 'default',
    url: 'https://example.com',
    event_id: 'evt_1',
    event_type: 'job.completed',
    job_id: null,
    status: 'failed',
    attempts: [],
    next_attempt_at: null,
    created_at: new Date().toISOString(),
  };
  const own = await startApi({ webhooks: createFakeWebhooks([delivery]) });
  expect((await own.app.inject('/v1/webhook-deliveries?status=failed')).json().data).toEqual([delivery]);
  expect((await own.app.inject({ method: 'POST', url: '/v1/webhook-deliveries/whd_1/replay' })).statusCode).toBe(202);
  expect((await own.app.inject({ method: 'POST', url: '/v1/webhook-deliveries/whd_2/replay' })).statusCode).toBe(404);
  await own.close();
});

test('an operator pauses and resumes a queue; nobody else', async () => {
  const queue: QueueView = {
    name: 'render',
    paused: false,
    jobs: { waiting: 1, active: 0, delayed: 0, delayed_due: 0 },
    oldest_wait_s: 1,
    backlog_media_s: 20,
    workers: 0,
  };
  const queues = {
    list: async () => [queue],
    pause: async () => void Object.assign(queue, { paused: true }),
    resume: async () => void Object.assign(queue, { paused: false }),
    handles: () => [],
  };
  const operator = { authorization: 'Bearer operator-key' };
  const own = await startApi({ queues, adminKey: 'operator-key' });
  const post = (action: string, headers: Record<string, string>) =>
    own.app.inject({ method: 'POST', url: `/v1/queues/${action}`, headers });
  const { key } = (await own.app.inject({ method: 'POST', url: '/v1/keys', headers: operator, payload: { name: 'k' } })).json();
  expect((await post('render/pause', { authorization: `Bearer ${key}` })).statusCode).toBe(403);
  expect((await post('render/pause', operator)).json()).toMatchObject({ name: 'render', paused: true });
  expect((await post('render/resume', operator)).json().paused).toBe(false);
  expect((await post('nothing/pause', operator)).statusCode).toBe(404);
  expect((await own.app.inject({ url: '/v1/queues', headers: operator })).json().data).toEqual([queue]);
  await own.close();
});
