import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CameraSpan } from '#contracts/plan';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { assembleVideo } from '#media/render/assemble';
import { type RenderedChunk, renderChunk } from '#media/render/chunk';
import { buildTimeline } from '#media/render/timeline';
import { makeTalk } from '../helpers/footage.ts';
import { planFor } from '../helpers/plans.ts';
import { type Footage, readFootage } from '../helpers/smart-edit.ts';

const signal = new AbortController().signal;
const keep = [
  { start_frame: 10, end_frame: 100 },
  { start_frame: 130, end_frame: 290 },
];
const stand = (start_frame: number, end_frame: number, from_x: number, to_x = from_x): CameraSpan => ({
  ...{ start_frame, end_frame, layout: 'track', from_x, to_x },
});
/** Still, on its way, still. */
const camera = [stand(0, 125, 0.25), stand(125, 150, 0.25, 0.7), stand(150, 300, 0.7)];

let folder: string;
let tools: MediaTools;
let footage: Footage;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'likeness-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  footage = await readFootage(makeTalk(join(folder, 'talk.mp4'), { seconds: 10, size: '640x360' }), { tools, folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a video in another shape', () => {
  it.each([
    ['that follows somebody', camera],
    ['that shows the whole picture', []],
  ])('%s is held against the same part of the source', async (_, reframe) => {
    expect((await render(reframe)).ssim!.mean).toBeGreaterThan(0.97);
  });

  it('that shows another part than planned is not taken for the planned one', async () => {
    const beside = camera.map((span) => ({ ...span, from_x: span.from_x + 0.05, to_x: span.to_x + 0.05 }));
    const found = await render(camera, beside).then(
      ({ ssim }) => ssim!.mean,
      () => 0,
    );
    expect(found).toBeLessThan(0.9);
  });
});

/** `planned` = what the result is judged by, where it is not what was rendered. */
async function render(reframe: CameraSpan[], planned = reframe) {
  const settings = { mode: 'fast', quality: 'high', smart_render: 'auto' } as const;
  const output = { aspect: '9:16', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' } as const;
  const input = { source: footage, container: footage.container, videoSignals: { scenes: [], candidates: [] } };
  const plan = planFor(footage, keep, { reframe });
  const timeline = buildTimeline({ ...input, plan, settings: { ...settings, output }, capabilities: tools.capabilities });
  const pieces: RenderedChunk[] = [];
  for (const spec of timeline.chunks) {
    const cwd = await mkdtemp(join(folder, 'piece-'));
    pieces.push(await renderChunk({ spec, sourcePath: footage.path, tools }, { cwd, signal }));
  }
  const cwd = await mkdtemp(join(folder, 'run-'));
  const judged = { source: footage, plan: { ...plan, reframe: planned }, timeline, pieces, audio: null, tools };
  return assembleVideo(judged, { cwd, signal });
}
