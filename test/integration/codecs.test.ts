import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Artifacts } from '#contracts/artifacts';
import type { FrameRange } from '#contracts/plan';
import type { Timeline } from '#contracts/render-specs';
import type { Codec } from '#contracts/request';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { assembleVideo } from '#media/render/assemble';
import { type RenderedChunk, renderChunk } from '#media/render/chunk';
import { softwareEncoders } from '#media/render/encoder';
import { ssimFloors } from '#media/render/ladder';
import { buildTimeline } from '#media/render/timeline';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { decodeMessages, probeVideoStream } from '../helpers/footage.ts';
import { planFor } from '../helpers/plans.ts';
import { readSource } from '../helpers/source-facts.ts';
import { framesOf } from '../helpers/specs.ts';

const fps = '30000/1001';
const keep: FrameRange[] = [range(3, 60), range(91, 150), range(152, 200), range(500, 650), range(700, 701)];
const signal = new AbortController().signal;
const cases: { codec: Codec; bits: 8 | 10; pixels: string }[] = [
  { codec: 'h264', bits: 10, pixels: 'yuv420p' },
  { codec: 'hevc', bits: 8, pixels: 'yuv420p' },
  { codec: 'hevc', bits: 10, pixels: 'yuv420p10le' },
  { codec: 'av1', bits: 8, pixels: 'yuv420p' },
  { codec: 'av1', bits: 10, pixels: 'yuv420p10le' },
  { codec: 'vp9', bits: 8, pixels: 'yuv420p' },
];

let folder: string;
let tools: MediaTools;
const sources = new Map<number, Artifacts['source'] & { path: string }>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'codecs-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  for (const bits of [8, 10]) {
    const path = join(folder, `source-${bits}.mp4`);
    const format = ['-pix_fmt', bits === 8 ? 'yuv420p' : 'yuv420p10le'];
    await makeCounterClip(path, { fps, frames: 900, encode: ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '90', ...format] });
    const source = await readSource(path);
    sources.set(bits, { ...source, video: { ...source.video, bit_depth: bits } });
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('pieces join into exactly the planned frames, play without a message and stay above the floor', () => {
  for (const { codec, bits, pixels } of cases) {
    it(`${codec} from ${bits} bits`, async ({ skip }) => {
      const name = softwareEncoders[codec];
      if (!tools.capabilities.encoders.has(name)) skip(`this ffmpeg has no ${name}`);
      const source = sources.get(bits)!;
      const timeline = timelineOf(source, codec);
      expect(timeline.chunks.length).toBeGreaterThan(1);
      const video = await render(source, timeline);
      expect(await readCounter(video.path)).toEqual(framesOf(keep));
      expect(decodeMessages(video.path)).toBe('');
      expect(probeVideoStream(video.path)).toMatchObject({ codec_name: codec, pix_fmt: pixels, nb_frames: String(framesOf(keep).length) });
      expect(video.ssim!.mean).toBeGreaterThanOrEqual(ssimFloors.high);
      expect(timeline.warnings.map(({ code }) => code)).toEqual(bits === 10 && pixels === 'yuv420p' ? ['BIT_DEPTH_REDUCED'] : []);
    });
  }
});

it('a piece of AV1 is the same bytes each time', async () => {
  const source = sources.get(8)!;
  const [spec] = timelineOf(source, 'av1').chunks;
  const [one, two] = await Promise.all([renderOne(source, spec!), renderOne(source, spec!)]);
  expect((await readFile(one.path)).equals(await readFile(two.path))).toBe(true);
});

function timelineOf(source: Artifacts['source'], codec: Codec): Timeline {
  const output = { aspect: 'source', max_height: null, codec, container: 'mp4', hardware: 'auto' } as const;
  const settings = { mode: 'fast', quality: 'high', smart_render: false, output } as const;
  const videoSignals = { scenes: [], candidates: [] };
  const input = { source, container: 'mov,mp4', plan: planFor(source, keep), videoSignals, settings };
  return buildTimeline({ ...input, capabilities: tools.capabilities });
}

async function renderOne(source: { path: string }, spec: Timeline['chunks'][number]) {
  const cwd = await mkdtemp(join(folder, 'piece-'));
  return renderChunk({ spec, sourcePath: source.path, tools }, { cwd, signal });
}

async function render(source: Artifacts['source'] & { path: string }, timeline: Timeline) {
  const pieces: RenderedChunk[] = [];
  for (const spec of timeline.chunks) pieces.push(await renderOne(source, spec));
  const cwd = await mkdtemp(join(folder, 'run-'));
  return assembleVideo({ source, plan: planFor(source, keep), timeline, pieces, audio: null, tools }, { cwd, signal });
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
