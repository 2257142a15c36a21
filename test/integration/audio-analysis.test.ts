import '../helpers/scratch.ts';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RangeS } from '#contracts/artifacts';
import { pauses } from '#director/acoustics';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { analyzeAudio } from '#media/sound/analyze-audio';
import { hasSharedMedia, makeMedia, needsSharedMedia, readAudio, sharedMedia } from '../helpers/audio.ts';

const signal = new AbortController().signal;
const options = { minSilenceMs: 350, padMs: 80, maxPauseMs: 0 };
let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'analysis-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const analyze = async (path: string) => {
  const { facts, durationS } = await readAudio(path);
  return analyzeAudio({ path, facts, durationS }, tools, { cwd: folder, signal });
};
const total = (ranges: readonly RangeS[]) => ranges.reduce((sum, range) => sum + range.end_s - range.start_s, 0);
const overlap = (ones: readonly RangeS[], others: readonly RangeS[]) =>
  ones.reduce(
    (sum, one) =>
      sum +
      total(
        others.map((other) => ({
          start_s: Math.max(one.start_s, other.start_s),
          end_s: Math.max(one.start_s, other.start_s, Math.min(one.end_s, other.end_s)),
        })),
      ),
    0,
  );

it('a clip without sound has nothing to report, and nothing is started for it', async () => {
  const path = join(folder, 'silent.mp4');
  await makeMedia('-f', 'lavfi', '-i', 'color=s=64x64:r=25:d=1', path);
  const { facts, durationS } = await readAudio(path);
  const none = { run: () => Promise.reject(new Error('ffmpeg was started')) };
  const { signals, envelope } = await analyzeAudio({ path, facts, durationS }, none, { cwd: folder, signal });
  expect(envelope).toBeNull();
  expect(signals).toMatchObject({ present: false, speech: [], duration_s: 1, loudness: { integrated_lufs: null } });
});

describe('a synthetic voice with pauses of known place', () => {
  const pausesS = [0.6, 1.2, 2];
  let truth: RangeS[];
  const clip = (name: string, gain: string, noise: string) =>
    makeMedia(
      '-i',
      join(folder, 'talk.wav'),
      '-f',
      'lavfi',
      '-i',
      `anoisesrc=c=pink:a=${noise}:r=48000:seed=3`,
      '-filter_complex',
      `[0:a]volume=${gain}[v];[v][1:a]amix=duration=first:normalize=0`,
      join(folder, name),
    );

  beforeAll(async () => {
    const text = [
      'Every word of this sentence has to stay.',
      'The second one comes after a pause.',
      'Here is another one, after more.',
      'And this is the end of it.',
    ];
    for (const [index, line] of text.entries())
      await makeMedia(
        '-f',
        'lavfi',
        '-i',
        `flite=voice=slt:text='${line.replaceAll(',', '\\,')}'`,
        '-af',
        'silenceremove=1:0:-60dB,areverse,silenceremove=1:0:-60dB,areverse',
        '-ar',
        '48000',
        join(folder, `${index}.wav`),
      );
    const durations = await Promise.all(text.map(async (_, index) => (await readFile(join(folder, `${index}.wav`))).length));
    let at = 0;
    truth = durations.slice(0, 3).map((bytes, index) => {
      const start_s = at + (bytes - 78) / 96_000;
      at = start_s + pausesS[index]!;
      return { start_s, end_s: at };
    });
    const inputs = text.flatMap((_, index) => ['-i', join(folder, `${index}.wav`)]);
    const padded = text.map((_, index) => `[${index}:a]apad=pad_dur=${pausesS[index] ?? 0}[p${index}]`).join(';');
    await makeMedia(...inputs, '-filter_complex', `${padded};[p0][p1][p2][p3]concat=n=4:v=0:a=1`, join(folder, 'talk.wav'));
    await clip('loud.wav', '1', '0.0005');
    await makeMedia('-i', join(folder, 'loud.wav'), '-af', 'volume=-12dB', '-c:a', 'pcm_f32le', join(folder, 'quiet.wav'));
  });

  it('loses its pauses and keeps its words', async () => {
    const { signals } = await analyze(join(folder, 'loud.wav'));
    const removed = pauses(signals, options);
    const removable = truth.map((pause) => ({ start_s: pause.start_s + 0.08, end_s: pause.end_s - 0.08 }));
    expect(overlap(removed, removable) / total(removable)).toBeGreaterThan(0.85);
    expect(total(removed) - overlap(removed, truth)).toBeLessThan(0.05);
  });

  it('is cut in the same places 12 dB quieter', async () => {
    const shares = await Promise.all(
      ['loud.wav', 'quiet.wav'].map(async (name) => {
        const { signals } = await analyze(join(folder, name));
        return (100 * total(pauses(signals, options))) / signals.duration_s;
      }),
    );
    expect(Math.abs(shares[0]! - shares[1]!)).toBeLessThanOrEqual(0.5);
  });
});

it('steady noise alone is undecided, and so never cut', async () => {
  const path = join(folder, 'noise.wav');
  await makeMedia('-f', 'lavfi', '-i', 'anoisesrc=c=pink:a=0.1:d=12:seed=5', path);
  const { signals } = await analyze(path);
  expect(pauses(signals, options)).toEqual([]);
  expect(total(signals.undecided)).toBeCloseTo(12, 0);
});

it.skipIf(!hasSharedMedia)(`a real talk loses its four known pauses and nothing of its speech${needsSharedMedia}`, async () => {
  const name = join(sharedMedia, 'derived/talk_pauses_known_open');
  const { parts } = JSON.parse(await readFile(`${name}.json`, 'utf8')) as { parts: { pause?: [number, number] }[] };
  const truth = parts.flatMap(({ pause }) => (pause ? [{ start_s: pause[0], end_s: pause[1] }] : []));
  const { signals, envelope } = await analyze(`${name}.mp4`);
  const removed = pauses(signals, options);
  const removable = truth.map((pause) => ({ start_s: pause.start_s + 0.08, end_s: pause.end_s - 0.08 }));
  expect(overlap(removed, removable) / total(removable)).toBeGreaterThan(0.9);
  expect(total(removed) - overlap(removed, truth)).toBeLessThan(0.005 * (signals.duration_s - total(truth)));
  expect(envelope).toHaveLength(Math.round(signals.duration_s * 100));
  expect(signals.loudness.integrated_lufs).toBeCloseTo(-26.4, 0);
});
