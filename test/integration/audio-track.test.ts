import '../helpers/scratch.ts';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditPlan, FrameRange } from '#contracts/plan';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { type AudioTrack, renderAudioTrack } from '#media/sound/audio-track';
import { sampleAt } from '#media/sound/sample-grid';
import { decodePlain, hasSharedMedia, makeMedia, measureLoudness, needsSharedMedia, readAudio, sharedMedia } from '../helpers/audio.ts';
import { findLag, joinRatio } from '../helpers/metrics.ts';

const signal = new AbortController().signal;
const sampleRate = 48_000;
const untouched: EditPlan['audio'] = { denoise: { method: 'none', wet: 0, estimated_snr_db: null }, target_lufs: null, gain_db: null };
const levelled = { ...untouched, target_lufs: -14 };
let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'track-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  const text = 'The quick brown fox jumps over the lazy dog\\, and then it runs away. Nobody has ever seen such a fox again\\, not here.';
  const picture = ['-f', 'lavfi', '-i', 'color=s=64x64:r=30000/1001:d=8'];
  const voice = ['-f', 'lavfi', '-i', `flite=voice=slt:text='${text}'`];
  const encode = ['-ar', '48000', '-shortest', '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac'];
  await makeMedia(...picture, ...voice, ...encode, join(folder, 'mono.mp4'));
  await makeMedia('-i', join(folder, 'mono.mp4'), '-c:v', 'copy', '-c:a', 'aac', '-ac', '2', join(folder, 'stereo.mp4'));
  await makeMedia('-i', join(folder, 'mono.mp4'), '-c:v', 'copy', '-af', 'volume=0', '-c:a', 'aac', join(folder, 'silent.mp4'));
  await makeMedia('-i', join(folder, 'mono.mp4'), '-c:v', 'copy', '-an', join(folder, 'mute.mp4'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Rendered {
  track: AudioTrack;
  path: string;
  keep: FrameRange[];
  fps: string;
}

async function render(source: string, audio: EditPlan['audio'], keepOf?: (frames: number) => FrameRange[]): Promise<Rendered> {
  const { path, facts, frames } = await readAudio(source);
  const cwd = await mkdtemp(join(folder, 'scratch-'));
  const keep = keepOf?.(frames) ?? [{ start_frame: 0, end_frame: frames }];
  const fps = facts.video.fps;
  const plan = { keep, audio, source: { fps, frames } as EditPlan['source'] };
  const track = await renderAudioTrack({ path, facts, plan }, tools, { cwd, signal });
  return { track, path: join(cwd, track.name ?? ''), keep, fps };
}

/** Ten keeps of uneven length with gaps of uneven length. */
const tenKeeps = (frames: number) =>
  Array.from({ length: 10 }, (_, index) => {
    const start = Math.floor((index * frames) / 10) + (index === 0 ? 0 : index);
    return { start_frame: start, end_frame: Math.floor(((index + 1) * frames) / 10) - 1 };
  });
const framesOf = (keep: FrameRange[]) => keep.reduce((sum, range) => sum + range.end_frame - range.start_frame, 0);
const sampleOf = (frame: number, fps: string) => sampleAt(frame, { sampleRate, fps });

describe('ten keeps of a 29.97 fps clip', () => {
  let edit: Rendered;
  let output: Float32Array;
  let source: Float32Array;
  beforeAll(async () => {
    edit = await render(join(folder, 'mono.mp4'), untouched, tenKeeps);
    output = await decodePlain(edit.path);
    source = await decodePlain(join(folder, 'mono.mp4'));
  });

  it('are as long as their frames, to the sample, and to the codec’s padding once decoded', () => {
    expect(edit.track.samples).toBe(sampleOf(framesOf(edit.keep), edit.fps));
    expect(Math.abs(output.length - edit.track.samples)).toBeLessThan(sampleOf(1, edit.fps));
  });

  it('sit where the picture is at both ends: no more than 48 samples off', () => {
    const last = edit.keep.at(-1)!;
    for (const [range, position] of [
      [edit.keep[0]!, 0],
      [last, framesOf(edit.keep.slice(0, -1))],
    ] as const) {
      const length = sampleOf(range.end_frame - range.start_frame, edit.fps);
      const from = sampleOf(range.start_frame, edit.fps);
      const at = sampleOf(position, edit.fps);
      expect(Math.abs(findLag(source.subarray(from, from + length), output.subarray(at, at + length), 600))).toBeLessThanOrEqual(48);
    }
  });

  it('are joined without a click', () => {
    let frame = 0;
    for (const range of edit.keep.slice(0, -1)) {
      frame += range.end_frame - range.start_frame;
      expect(joinRatio(output, sampleOf(frame, edit.fps), sampleRate)).toBeLessThanOrEqual(1.5);
    }
  });
});

it.each(['mono.mp4', 'stereo.mp4'])('%s comes out at −14 LUFS and below −1 dBTP, measured on the decoded AAC', async (name) => {
  const { track, path } = await render(join(folder, name), levelled, tenKeeps);
  const { lufs, peakDbtp } = await measureLoudness(path);
  expect(Math.abs(lufs + 14)).toBeLessThanOrEqual(0.3);
  expect(peakDbtp).toBeLessThanOrEqual(-1);
  expect(track).toMatchObject({ after_lufs: lufs, true_peak_dbtp: peakDbtp, warnings: [] });
  const probe = (await readAudio(path)).facts.audio!;
  expect(probe.channels).toBe(name === 'mono.mp4' ? 1 : 2);
  expect(await readdir(dirname(path))).toEqual(['audio.m4a']);
});

it.each(['highpass', 'profile', 'rnnoise'] as const)('denoising by %s neither delays nor shortens', async (method) => {
  const denoised = { ...untouched, denoise: { method, wet: 0.9, estimated_snr_db: 10 } };
  const { track, path } = await render(join(folder, 'stereo.mp4'), denoised);
  const output = await decodePlain(path);
  const source = await decodePlain(join(folder, 'stereo.mp4'));
  expect(Math.abs(output.length - track.samples)).toBeLessThan(2048);
  const part = (samples: Float32Array) => samples.subarray(sampleRate, 3 * sampleRate);
  expect(Math.abs(findLag(part(source), part(output), 1200))).toBeLessThanOrEqual(48);
});

it('leaves silence silent and says so', async () => {
  const { track, path } = await render(join(folder, 'silent.mp4'), levelled);
  expect(track).toMatchObject({ before_lufs: null, after_lufs: null, gain_db: 0 });
  expect(track.warnings.map((warning) => warning.code)).toEqual(['LOUDNESS_MISSED']);
  expect((await decodePlain(path)).every((value) => Math.abs(value) < 1e-4)).toBe(true);
});

it('makes nothing of a source without sound', async () => {
  const { track } = await render(join(folder, 'mute.mp4'), levelled);
  expect(track).toMatchObject({ name: null, samples: 0, after_lufs: null });
});

it('an abort stops it, and rejects with the reason', async () => {
  const { path, facts, frames } = await readAudio(join(folder, 'mono.mp4'));
  const cwd = await mkdtemp(join(folder, 'scratch-'));
  const abort = new AbortController();
  const plan = {
    keep: [{ start_frame: 0, end_frame: frames }],
    audio: levelled,
    source: { fps: facts.video.fps, frames } as EditPlan['source'],
  };
  const onProgress = () => abort.abort(new Error('cancelled'));
  await expect(renderAudioTrack({ path, facts, plan }, tools, { cwd, signal: abort.signal, onProgress })).rejects.toThrow('cancelled');
  expect(await readdir(cwd)).not.toContain('audio.m4a');
});

it.skipIf(!hasSharedMedia)(`a real talk meets its target and its length${needsSharedMedia}`, async () => {
  const { track, path, keep, fps } = await render(join(sharedMedia, 'talk/autoeditor_example_42s.mp4'), levelled, tenKeeps);
  const { lufs, peakDbtp } = await measureLoudness(path);
  expect(Math.abs(lufs + 14)).toBeLessThanOrEqual(0.3);
  expect(peakDbtp).toBeLessThanOrEqual(-1);
  expect(track.samples).toBe(sampleOf(framesOf(keep), fps));
});
