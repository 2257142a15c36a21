import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AssetView, JobView } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import { type Client, createClient } from '../helpers/client.ts';
import { countFrames, makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import '../helpers/scratch.ts';

let service: Service;
let client: Client;
let folder: string;
let asset: AssetView;
let first: JobView;
const request = { mode: 'fast', features: { smart_render: false } } as const;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-incremental-'));
  service = await startService({ separateWorkers: 1 });
  client = createClient(service.url);
  asset = await client.upload(makeTalk(join(folder, 'talk.mp4'), { seconds: 75, size: '320x180' }));
  first = await client.ended((await client.create({ ...request, input: { asset_id: asset.id } })).id);
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a moved cut renders the piece it touches and no other', async () => {
  const before = await client.report(first.id);
  expect(before.render.chunks).toBeGreaterThanOrEqual(4);
  expect(before.render.chunks_reused).toBe(0);
  const plan = endSooner(await client.plan(first.id), 10);
  const revised = await client.revise(first.id, plan);
  expect(revised).toMatchObject({ status: 'completed', revision: 2 });
  const { render, stages } = await client.report(first.id);
  expect(render.chunks).toBe(before.render.chunks);
  expect(render.chunks_reused).toBe(before.render.chunks - 1);
  expect(stages.filter(({ name, cached }) => name.startsWith('render-chunk.') && !cached)).toHaveLength(1);
  expect(plan.thumbnails).not.toEqual([]);
  expect(stages.find(({ name }) => name === 'thumbnails')).toMatchObject({ cached: true });
  const path = join(folder, 'revised.mp4');
  await client.save(first.id, 'video.mp4', path);
  expect(countFrames(path)).toBe(framesOf(plan));
});

it('other words on a thumbnail draw the thumbnails again, and neither picture nor sound', async () => {
  const before = await client.job(first.id);
  const { thumbnails, ...plan } = await client.plan(first.id);
  const [best, ...others] = thumbnails;
  const again = await client.revise(first.id, { ...plan, thumbnails: [{ ...best!, headline: 'Other words' }, ...others] });
  const ran = again.stages.filter(({ cached }) => !cached).map(({ name }) => name);
  expect(ran).toEqual(['timeline', 'thumbnails', 'interchange', 'finish']);
  expect(shaOf(again)).toBe(shaOf(before));
  expect(shaOf(again, 'thumbnail-1.jpg')).not.toBe(shaOf(before, 'thumbnail-1.jpg'));
});

it('the same plan sent back starts no ffmpeg', async () => {
  const before = await client.job(first.id);
  const again = await client.revise(first.id, await client.plan(first.id));
  expect(again).toMatchObject({ status: 'completed', revision: before.revision + 1 });
  expect(again.stages.filter(({ cached }) => !cached)).toEqual([]);
  expect(again.usage.cpu_s).toBe(0);
  expect(shaOf(again)).toBe(shaOf(before));
});

it('another job of the tenant that asks for other sound takes every piece that exists', async () => {
  const louder = { ...request, features: { ...request.features, loudness: { target_lufs: -20 } } };
  const job = await client.ended((await client.create({ ...louder, input: { asset_id: asset.id } })).id);
  const { render } = await client.report(job.id);
  expect(render.chunks_reused).toBe(render.chunks);
  expect(shaOf(job)).not.toBe(shaOf(first));
});

/** The kept range in the middle ends this many frames sooner. */
function endSooner(plan: EditPlan, frames: number): EditPlan {
  const middle = Math.floor(plan.keep.length / 2);
  const range = plan.keep[middle]!;
  return { ...plan, keep: plan.keep.with(middle, { ...range, end_frame: range.end_frame - frames }) };
}

const framesOf = ({ keep }: EditPlan): number => keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
const shaOf = (job: JobView, output = 'video.mp4') => job.outputs.find(({ name }) => name === output)?.sha256;
