import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { analyzeVideo } from '#media/sight/scenes';
import { exportThumbnails } from '#media/sight/thumbnails';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { readSource } from '../helpers/source-facts.ts';

const run = promisify(execFile);
const signal = new AbortController().signal;

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scenes-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Four moving patterns of 8, 7.5, 6 and 5 s: scenes begin at 240, 465 and 645. */
async function makeShots(name: string, encode: string[]): Promise<string> {
  const path = join(folder, name);
  const shots = ['testsrc2=d=8', 'smptebars=d=8', 'mandelbrot=start_scale=2', 'rgbtestsrc=d=5'];
  const inputs = shots.flatMap((shot) => ['-f', 'lavfi', '-i', `${shot}:s=320x180:r=30`]);
  const lengths = [240, 225, 180, 150];
  const cuts = lengths.map((length, index) => `[${index}]trim=end_frame=${length},setpts=N/30/TB,format=yuv420p[v${index}]`);
  const graph = [...cuts, `${lengths.map((_, index) => `[v${index}]`).join('')}concat=n=4[v]`].join(';');
  await run('ffmpeg', [
    '-v',
    'error',
    ...inputs,
    '-filter_complex',
    graph,
    '-map',
    '[v]',
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    ...encode,
    path,
  ]);
  return path;
}

it.each([
  { what: 'with a key frame every two seconds', name: 'fixed.mp4', encode: ['-g', '60', '-sc_threshold', '0'] },
  { what: 'whose encoder put key frames at the changes', name: 'marked.mp4', encode: ['-g', '150'] },
  { what: 'with so few key frames that all is decoded', name: 'sparse.mkv', encode: ['-g', '900', '-sc_threshold', '0'] },
])('finds the scenes of a clip $what, on their frame', async ({ name, encode }) => {
  const path = await makeShots(name, encode);
  const { video } = await readSource(path);
  const cwd = await mkdtemp(join(folder, 'run-'));
  const { scenes, candidates } = await analyzeVideo({ path, video, tools }, { cwd, signal });
  // the last two groups to look at may lie beyond the share that is decoded: what is found is right, and most is found
  for (const scene of scenes) expect(Math.min(...[240, 465, 645].map((cut) => Math.abs(cut - scene)))).toBeLessThanOrEqual(1);
  expect(scenes.length).toBeGreaterThanOrEqual(name === 'fixed.mp4' ? 1 : 3);
  expect(candidates.length).toBeGreaterThan(3);
  expect(candidates.length).toBeLessThanOrEqual(70);
});

it('writes thumbnails of exactly the frames asked for, upright and in full size', async () => {
  const path = join(folder, 'counter.mp4');
  await makeCounterClip(path, { fps: '30/1', frames: 120, encode: ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '3', '-g', '50'] });
  const { video } = await readSource(path);
  const cwd = await mkdtemp(join(folder, 'thumb-'));
  const stills = [0, 49, 50, 93].map((frame) => ({ frame, name: `thumbnail-${frame}.jpg` }));
  const made = await exportThumbnails({ sourcePath: path, video, stills, tools }, { cwd, signal });
  expect(made).toMatchObject({ width: 320, height: 96 });
  for (const [index, at] of made.paths.entries()) {
    expect(await readCounter(at)).toEqual([stills[index]!.frame]);
    expect((await readFile(at)).subarray(0, 3)).toEqual(Buffer.from([0xff, 0xd8, 0xff]));
  }
});
