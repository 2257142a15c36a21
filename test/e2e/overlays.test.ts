import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EditPlan, FrameRange } from '#contracts/plan';
import { buildCard } from '#media/cards/build-card';
import { type Client, createClient } from '../helpers/client.ts';
import { countFrames, makeTalk } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import { readTools } from '../helpers/tools.ts';
import '../helpers/scratch.ts';

const size = { width: 640, height: 360 };

let service: Service;
let client: Client;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-overlays-'));
  service = await startService({ separateWorkers: 1 });
  client = createClient(service.url);
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

it('a number that is said is drawn over the frames on which it is said, and a plan with a bad drawing is refused', async () => {
  const job = await client.edit(makeTalk(join(folder, 'talk.mp4'), { seconds: 14 }), {
    content_type: 'educational',
    quality: 'low',
    transcript: { srt: '1\n00:00:09,000 --> 00:00:12,200\nLast year 42 percent of our new users never came back.\n' },
    features: { preview: false, thumbnails: false, interchange: false },
  });
  expect(job).toMatchObject({ status: 'completed', error: null });
  const plan = await client.plan(job.id);
  const [overlay] = plan.overlays;
  expect(plan.overlays).toHaveLength(1);
  expect(overlay).toMatchObject({ kind: 'card', spec: { value: 42, unit: '%', text: 'of our new users never came back' } });

  const path = join(folder, 'made.mp4');
  await client.save(job.id, 'video.mp4', path);
  const shown = toOutput(plan, overlay!);
  expect(countFrames(path)).toBe(toOutput(plan, { start_frame: 0, end_frame: plan.source.frames }).end_frame);
  const box = buildCard({ kind: 'card', spec: overlay!.spec } as never, { ...size, floor: 0.95 });
  const dark = darkShares(path, box);
  expect(dark.map((share) => share > 0.6).indexOf(true)).toBeGreaterThanOrEqual(shown.start_frame);
  expect(dark.map((share) => share > 0.6).lastIndexOf(true)).toBeLessThan(shown.end_frame);
  expect(dark.filter((share) => share > 0.6).length).toBeGreaterThan((shown.end_frame - shown.start_frame) * 0.7);
  const report = (await client.report(job.id)) as unknown as { render: { overlays: unknown[] } };
  expect(report.render.overlays).toEqual([{ kind: 'card', ...shown, spec: overlay!.spec }]);

  const bad = { ...plan, overlays: [{ ...overlay!, spec: { ...overlay!.spec, value: 'many' } }] };
  const current = await fetch(`${service.url}/v1/jobs/${job.id}/plan`);
  const headers = { 'content-type': 'application/json', 'if-match': current.headers.get('etag') ?? '' };
  const refused = await fetch(`${service.url}/v1/jobs/${job.id}/plan`, { method: 'PUT', headers, body: JSON.stringify(bad) });
  expect(refused.status).toBe(400);
  expect(((await refused.json()) as { errors: { pointer: string }[] }).errors[0]?.pointer).toBe('/overlays/0/spec/value');
});

function toOutput({ keep }: EditPlan, { start_frame, end_frame }: FrameRange): FrameRange {
  const before = (frame: number) =>
    keep.reduce((sum, range) => sum + Math.max(0, Math.min(frame, range.end_frame) - Math.min(frame, range.start_frame)), 0);
  return { start_frame: before(start_frame), end_frame: before(end_frame) };
}

/** Share of a box's pixels that are as dark as a card, frame by frame. */
function darkShares(path: string, { x, y, width, height }: { x: number; y: number; width: number; height: number }): number[] {
  const filter = `crop=${width}:${height}:${x}:${y},format=gray`;
  const args = ['-v', 'error', '-i', path, '-map', '0:v', '-fps_mode', 'passthrough', '-vf', filter, '-f', 'rawvideo', '-'];
  const pixels = execFileSync(readTools().ffmpeg.path, args, { maxBuffer: 2 ** 29 });
  const bytes = width * height;
  return Array.from({ length: pixels.length / bytes }, (_, frame) => {
    return pixels.subarray(frame * bytes, (frame + 1) * bytes).reduce((count, level) => count + (level < 48 ? 1 : 0), 0) / bytes;
  });
}
