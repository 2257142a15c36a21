import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EditPlan, FrameRange } from '#contracts/plan';
import type { Timeline } from '#contracts/render-specs';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { type AssembleInput, assembleVideo } from '#media/render/assemble';
import { type RenderedChunk, renderChunk } from '#media/render/chunk';
import { buildTimeline } from '#media/render/timeline';
import { sampleAt } from '#media/sound/sample-grid';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { planFor } from '../helpers/plans.ts';
import { readSource } from '../helpers/source-facts.ts';
import { framesOf } from '../helpers/specs.ts';

const run = promisify(execFile);
const fps = '30000/1001';
const frames = 1500;
const keep: FrameRange[] = [range(3, 400), range(431, 650), range(652, 700), range(760, 1490)];
const signal = new AbortController().signal;

let folder: string;
let tools: MediaTools;
let source: Awaited<ReturnType<typeof readSource>>;
let plan: EditPlan;
let timeline: Timeline;
let pieces: RenderedChunk[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assemble-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  const path = join(folder, 'source.mp4');
  await makeCounterClip(path, { fps, frames, encode: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '3', '-g', '90'] });
  source = await readSource(path);
  plan = planFor(source, keep);
  timeline = buildTimeline({
    source,
    container: 'mov,mp4',
    plan,
    videoSignals: { scenes: [], candidates: [] },
    settings: settings(),
    capabilities: tools.capabilities,
  });
  pieces = [];
  for (const spec of timeline.chunks) {
    const cwd = await mkdtemp(join(folder, 'piece-'));
    pieces.push(await renderChunk({ spec, sourcePath: path, tools }, { cwd, signal }));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('joins pieces into one video of exactly the planned frames, all one step apart', async () => {
  expect(timeline.chunks.length).toBeGreaterThan(1);
  const video = await assemble({ audio: null });
  expect(video.frames).toBe(timeline.frames);
  expect(await readCounter(video.path)).toEqual(framesOf(keep));
  expect(video.driftMs).toEqual({ max: 0, end: 0 });
});

it('muxes the sound so that it starts and ends with the picture', async () => {
  const audio = await makeTone(sampleAt(timeline.frames, { sampleRate: 48_000, fps }));
  const video = await assemble({ audio });
  expect(video.driftMs.end).toBeLessThan(0.1);
  expect(video.driftMs.max).toBeLessThan(0.1);
  expect(video.audio!.startS).toBe(0);
  expect(Math.abs(video.audio!.endS - video.video.endS)).toBeLessThan(0.0334);
  expect(await firstSoundS(video.path)).toBeCloseTo(await firstSoundS(audio.path), 3);
});

it('refuses sound that is longer than the picture by more than a frame', async () => {
  const audio = await makeTone(sampleAt(timeline.frames + 3, { sampleRate: 48_000, fps }));
  await expect(assemble({ audio })).rejects.toMatchObject({ code: 'OUTPUT_INVALID' });
});

it('measures how alike sampled spans are to the same frames of the source', async () => {
  let commands = 0;
  const counting: MediaTools = { ...tools, run: (...input) => tools.run(...input).finally(() => commands++) };
  const video = await assemble({ audio: null, using: counting });
  expect(video.ssim).toMatchObject({ samples: 48 });
  expect(video.ssim!.mean).toBeGreaterThan(0.95);
  expect(commands, 'one to join, one to look').toBe(2);
});

it('does not take pieces in the wrong order for the planned video', async () => {
  const swapped = { ...timeline, chunks: timeline.chunks.toReversed() };
  const cwd = await mkdtemp(join(folder, 'run-'));
  const input = { source, plan, timeline: swapped, pieces: pieces.toReversed(), audio: null, tools };
  const right = await assemble({ audio: null });
  const wrong = await assembleVideo(input, { cwd, signal }).then(
    (video) => video.ssim!.mean,
    () => 0,
  );
  expect(wrong).toBeLessThan(right.ssim!.mean - 0.2);
});

it('refuses a piece that lacks frames', async () => {
  const [first, ...rest] = pieces;
  const cwd = await mkdtemp(join(folder, 'run-'));
  const input = { source, plan, timeline, pieces: [rest[0]!, first!], audio: null, tools };
  await expect(assembleVideo(input, { cwd, signal })).rejects.toMatchObject({ code: 'OUTPUT_INVALID' });
});

it('gives equal bytes for equal pieces, index first', async () => {
  const [one, two] = [await assemble({ audio: null }), await assemble({ audio: null })];
  const bytes = await readFile(one.path);
  expect(bytes.equals(await readFile(two.path))).toBe(true);
  expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
});

async function assemble({ audio, using = tools }: { audio: AssembleInput['audio']; using?: MediaTools }) {
  const cwd = await mkdtemp(join(folder, 'run-'));
  return assembleVideo({ source, plan, timeline, pieces, audio, tools: using }, { cwd, signal });
}

/** Half a second of silence, then a tone, as the audio stage delivers it. */
async function makeTone(samples: number) {
  const path = join(await mkdtemp(join(folder, 'tone-')), 'audio.m4a');
  const graph = `sine=f=440:r=48000,volume='if(lt(t,0.5),0,1)':eval=frame,atrim=end_sample=${samples}`;
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', graph, '-c:a', 'aac', '-b:a', '96k', path]);
  return { path, samples, sampleRate: 48_000 };
}

async function firstSoundS(path: string): Promise<number> {
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', path, '-map', '0:a', '-f', 's16le', '-ac', '1', '-'], {
    encoding: 'buffer',
    maxBuffer: 2 ** 27,
  });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length / 2);
  return samples.findIndex((sample) => Math.abs(sample) > 1000) / 48_000;
}

function settings() {
  const output = { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' } as const;
  return { mode: 'fast', quality: 'high', smart_render: 'auto', output } as const;
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
