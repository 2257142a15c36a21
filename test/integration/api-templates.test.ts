import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OutputFile } from '#contracts/artifacts';
import { thumbnailLayouts } from '#contracts/plan';
import { startApi, type TestApi } from '../helpers/api.ts';
import { directorInput } from '../helpers/director-input.ts';
import { planFor } from '../helpers/plans.ts';

let api: TestApi;
let assetId: string;
beforeAll(async () => {
  api = await startApi();
  assetId = (await api.upload()).json().id;
});
afterAll(() => api.close());

const create = async (request: object = {}) =>
  (await api.app.inject({ method: 'POST', url: '/v1/jobs', payload: { input: { asset_id: assetId }, ...request } })).json().id as string;

/** A finished job with one thumbnail of each layout. */
async function finished(): Promise<string> {
  const id = await create();
  const blob = { key: 't/local/blobs/aa/x', bytes: 1, sha256: 'ab', content_type: 'image/jpeg' };
  const thumbnails = thumbnailLayouts.map((layout, frame) => ({ frame, headline: 'Bridges', impact: 0.5, layout }));
  const outputs = thumbnails.map(({ frame }): OutputFile => ({ name: `thumbnail-${frame + 1}.jpg`, kind: 'thumbnail', blob }));
  api.engine.give(id, [...outputs, { name: 'video.mp4', kind: 'video', blob }]);
  api.engine.plan(id, planFor(directorInput().source, [{ start_frame: 0, end_frame: 250 }], { thumbnails }));
  return id;
}
const end = (id: string) => api.engine.advance(id, { status: 'completed' }, 'job.completed');
const choose = async (id: string, name: string) => {
  const answer = await api.app.inject({ method: 'POST', url: `/v1/jobs/${id}/outputs/${name}/chosen` });
  return [answer.statusCode, answer.json()];
};

test('a thumbnail that was taken counts once, and only after its job has ended', async () => {
  const id = await finished();
  expect(await choose(id, 'thumbnail-2.jpg')).toMatchObject([409, { code: 'JOB_NOT_READY' }]);
  end(id);
  const told = { content_type: 'educational', template: 'panel' };
  expect(await choose(id, 'thumbnail-2.jpg')).toEqual([200, { ...told, counted: true }]);
  expect(await choose(id, 'thumbnail-2.jpg')).toEqual([200, { ...told, counted: false }]);
  expect((await choose(id, 'video.mp4'))[0]).toBe(404);
  expect((await choose('job_01J00000000000000000000000', 'thumbnail-1.jpg'))[0]).toBe(404);
});

test('what was taken three times comes first in the next job, and its figures are told', async () => {
  expect(api.engine.manifest(await create()).settings.templates).toBeNull();
  for (const name of ['thumbnail-2.jpg', 'thumbnail-3.jpg']) {
    const id = await finished();
    end(id);
    await choose(id, name);
  }
  const { data } = (await api.app.inject({ method: 'GET', url: '/v1/thumbnail-templates' })).json();
  expect(data).toEqual([
    { content_type: 'educational', template: 'full', chosen: 0, offered: 3 },
    { content_type: 'educational', template: 'panel', chosen: 2, offered: 3 },
    { content_type: 'educational', template: 'split', chosen: 1, offered: 3 },
  ]);
  const templates = { educational: ['panel', 'split', 'full'] };
  expect(api.engine.manifest(await create()).settings.templates).toEqual(templates);
  expect(api.engine.manifest(await create({ features: { thumbnails: false } })).settings.templates).toBeNull();
});
