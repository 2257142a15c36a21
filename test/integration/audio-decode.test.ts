import '../helpers/scratch.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { decodePcm } from '#media/sound/pcm';
import { makeMedia, readAudio } from '../helpers/audio.ts';

const signal = new AbortController().signal;
const delayS = 0.5;
let folder: string;
let tools: MediaTools;
const at = (name: string) => join(folder, name);
const delayed = (which: 'video' | 'audio', name: string) => {
  const maps = which === 'audio' ? ['-map', '1:v', '-map', '0:a'] : ['-map', '0:v', '-map', '1:a'];
  return makeMedia('-itsoffset', String(delayS), '-i', at('plain.mp4'), '-i', at('plain.mp4'), ...maps, '-c', 'copy', at(name));
};

/** Four seconds of picture, one impulse in the middle of every second. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'decode-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  const picture = ['-f', 'lavfi', '-i', 'color=s=64x64:r=25:d=4'];
  const clicks = ['-f', 'lavfi', '-i', "aevalsrc='if(eq(mod(n,48000),24000),0.9,0)':s=48000:d=4"];
  await makeMedia(...picture, ...clicks, '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-b:a', '192k', at('plain.mp4'));
  const copy = (name: string, ...more: string[]) => makeMedia('-i', at('plain.mp4'), '-c', 'copy', ...more, at(name));
  await Promise.all([copy('plain.mkv'), copy('plain.ts'), copy('gap.mkv', '-bsf:a', 'noise=drop=between(n\\,55\\,85)')]);
  await Promise.all(['late.mp4', 'late.mkv', 'late.ts'].map((name) => delayed('audio', name)));
  await Promise.all(['early.mp4', 'early.mkv', 'early.ts'].map((name) => delayed('video', name)));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function decode(name: string, sampleRate: number, channels: 1 | 2 = 1): Promise<Float32Array> {
  const { facts, path } = await readAudio(at(name));
  const samples = 4 * sampleRate;
  const pcm = new Float32Array(samples * channels);
  let filled = 0;
  await decodePcm({ path, facts, sampleRate, channels, samples }, tools, {
    cwd: folder,
    signal,
    onBlock: (block) => {
      pcm.set(block, filled);
      filled += block.length;
    },
  });
  expect(filled).toBe(pcm.length);
  return pcm;
}

/** How far the loudest sample within 20 ms of a moment is from it, in seconds; null where nothing clicks. */
function clickError(pcm: Float32Array, { timeS, sampleRate }: { timeS: number; sampleRate: number }): number | null {
  const first = Math.round((timeS - 0.02) * sampleRate);
  const around = pcm.subarray(first, first + Math.round(0.04 * sampleRate));
  const peak = around.reduce((best, value, index) => (Math.abs(value) > Math.abs(around[best]!) ? index : best), 0);
  return Math.abs(around[peak]!) > 0.1 ? (first + peak) / sampleRate - timeS : null;
}

it.each([
  ['plain.mp4', [0.5, 1.5, 2.5, 3.5], 1],
  ['plain.mkv', [0.5, 1.5, 2.5, 3.5], 1],
  ['plain.ts', [0.5, 1.5, 2.5, 3.5], 1],
  ['late.mp4', [1, 2, 3], 0.5],
  ['late.mkv', [1, 2, 3], 0.5],
  ['late.ts', [1, 2, 3], 0.5],
  ['early.mp4', [1, 2, 3], 1.5],
  ['early.mkv', [1, 2, 3], 1.5],
  ['early.ts', [1, 2, 3], 1.5],
  ['gap.mkv', [0.5, 2.5, 3.5], 1.5],
])('%s is heard when it was seen, to the millisecond its container counts in', async (name, clicks, silenceS) => {
  for (const sampleRate of [48_000, 16_000]) {
    const pcm = await decode(name, sampleRate);
    for (const timeS of clicks) expect(Math.abs(clickError(pcm, { timeS, sampleRate }) ?? 1)).toBeLessThanOrEqual(0.001);
    expect(clickError(pcm, { timeS: silenceS, sampleRate })).toBeNull();
  }
});

it('an mp4 with AAC priming is exact to the sample', async () => {
  const pcm = await decode('plain.mp4', 48_000);
  expect([0.5, 1.5, 2.5, 3.5].map((timeS) => clickError(pcm, { timeS, sampleRate: 48_000 }))).toEqual([0, 0, 0, 0]);
});

it('stereo is interleaved, and mono on request becomes both sides', async () => {
  const pcm = await decode('plain.mp4', 48_000, 2);
  expect(pcm[48_000]).toBe(pcm[48_001]);
  expect(Math.abs(pcm[48_000]!)).toBeGreaterThan(0.1);
});
