import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { joinPreview, renderPreviewPiece } from '#media/render/preview';
import { type PreviewInput, planPreview } from '#media/render/preview-plan';
import { segmentSource } from '#media/render/segments';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { readSource } from '../helpers/source-facts.ts';
import { framesOf } from '../helpers/specs.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;
const keep: FrameRange[] = [range(31, 90), range(100, 161), range(400, 590)];

let folder: string;
let tools: MediaTools;
let source: Awaited<ReturnType<typeof readSource>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preview-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  const path = join(folder, 'source.mkv');
  const encode = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', '75', '-output_ts_offset', '2'];
  await makeCounterClip(path, { fps: '30/1', frames: 600, encode });
  source = await readSource(path);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('lasts as long as the edit to a picture, at a third of the rate, and is never enlarged', async () => {
  const preview = await make(keep);
  expect(preview).toMatchObject({ pictures: 104, fps: '30/3', width: 320, height: 96, durationS: 310 / 30 });
});

it('shows at every moment a kept frame that lies within a tenth of a second of the edit', async () => {
  const preview = await make(keep);
  const wanted = framesOf(keep);
  const shown = await readCounter(preview.path);
  const strays = shown.filter((frame) => !wanted.includes(frame));
  expect(strays).toEqual([]);
  const late = shown.map((frame, index) => Math.abs(wanted.indexOf(frame) - 3 * index));
  expect(Math.max(...late)).toBeLessThanOrEqual(3);
});

it('leaves out whole groups between cuts without a picture too many or too few', async () => {
  const sparse = [range(10, 60), range(200, 203), range(310, 341), range(500, 530)];
  const preview = await make(sparse);
  const wanted = framesOf(sparse);
  const shown = (await readCounter(preview.path)).map((frame, index) => Math.abs(wanted.indexOf(frame) - 3 * index));
  expect(shown).toHaveLength(Math.ceil(wanted.length / 3));
  expect(Math.max(...shown)).toBeLessThanOrEqual(3);
});

it('takes more cuts than one argument of a command holds', async () => {
  const many = Array.from({ length: 450 }, (_, index) => range(index + Math.floor(index / 4), index + Math.floor(index / 4) + 1));
  expect(await make(many)).toMatchObject({ pictures: 150 });
});

it('of several pieces, every picture stands where its frame does', async () => {
  const pieces = [range(0, 200), range(200, 330), range(330, 480), range(480, 600)];
  const preview = await make([range(7, 600)], { segments: pieces });
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', preview.path]);
  const times = stdout.trim().split('\n').map(Number);
  const second = 330 - 7; // two segments make a piece
  const expected = [...steps(0, second), ...steps(second, 593)].map((frame) => frame / 30);
  expect(times.map((time, index) => Math.abs(time - expected[index]!) < 1e-4)).toEqual(expected.map(() => true));
  const late = (await readCounter(preview.path)).map((frame, index) => Math.abs(frame - 7 - Math.round(expected[index]! * 30)));
  expect(Math.max(...late)).toBeLessThanOrEqual(3);
});

it('has the shape of the video, and the camera moves in it as there', async () => {
  const path = join(folder, 'halves.mp4');
  const halves = 'color=black:160x180:r=30:d=4[a];color=white:160x180:r=30:d=4[b];[a][b]hstack';
  await run('ffmpeg', ['-v', 'error', '-filter_complex', halves, '-c:v', 'libx264', '-pix_fmt', 'yuv420p', path]);
  const { video } = await readSource(path);
  const stand = (start_frame: number, end_frame: number, x: number) => {
    return { start_frame, end_frame, layout: 'track' as const, from_x: x, to_x: x };
  };
  const reframe = { aspect: '9:16' as const, camera: [stand(0, 60, 0.25), stand(60, 120, 0.75)] };
  const preview = await make([range(0, 30), range(45, 120)], { sourcePath: path, video, ...reframe });
  expect(preview).toMatchObject({ pictures: 35, width: 102, height: 180 });
  const gray = ['-v', 'error', '-i', preview.path, '-vf', 'scale=1:1:flags=area', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'];
  const { stdout } = await run('ffmpeg', gray, { encoding: 'buffer' });
  const sides = [...stdout].map((luma) => (luma < 128 ? 'left' : 'right'));
  expect(sides).toEqual([...Array(15).fill('left'), ...Array(20).fill('right')]);
});

it('carries the sound of the edit', async () => {
  const audioPath = join(folder, 'audio.m4a');
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=r=48000', '-t', String(310 / 30), '-c:a', 'aac', audioPath]);
  const { path } = await make(keep, { audioPath });
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=codec_name,duration', '-of', 'csv=p=0', path]);
  expect(stdout.trim().split('\n')).toEqual([expect.stringMatching(/^h264,10\.4/), expect.stringMatching(/^aac,10\.3/)]);
});

interface Wish extends Partial<Pick<PreviewInput, 'video' | 'camera' | 'aspect' | 'segments'>> {
  sourcePath?: string;
  audioPath?: string;
}

async function make(ranges: FrameRange[], { sourcePath = source.path, audioPath, ...wish }: Wish = {}) {
  const video = wish.video ?? source.video;
  const segments = segmentSource({ ...video, scenes: [] });
  const look = { camera: [], aspect: 'source' as const, segments, canToneMap: false, tool: 'test' };
  const previews = planPreview({ source: { key: '', sha256: '' }, keep: ranges, ...look, ...wish, video });
  const paths = await Promise.all(
    previews.map(async (spec) => renderPreviewPiece({ spec, sourcePath, tools }, { cwd: await mkdtemp(join(folder, 'run-')), signal })),
  );
  const timeline = { fps: video.fps, frames: framesOf(ranges).length, previews };
  return joinPreview({ timeline, paths, audioPath: audioPath ?? null, tools }, { cwd: await mkdtemp(join(folder, 'run-')), signal });
}

/** Every third number of these, the first among them. */
const steps = (from: number, to: number) => Array.from({ length: Math.ceil((to - from) / 3) }, (_, index) => from + 3 * index);

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
