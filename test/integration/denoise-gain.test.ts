import '../helpers/scratch.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EditPlan } from '#contracts/plan';
import { chooseDenoise } from '#director/denoise-choice';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { analyzeAudio } from '#media/sound/analyze-audio';
import { decodeDenoised } from '#media/sound/denoise';
import { decodePlain, hasSharedMedia, makeMedia, needsSharedMedia, readAudio, sharedMedia, writeWav } from '../helpers/audio.ts';
import { siSdr } from '../helpers/metrics.ts';

const signal = new AbortController().signal;
const sampleRate = 48_000;
const lengthS = 6;
const samples = lengthS * sampleRate;
const highpass: EditPlan['audio']['denoise'] = { method: 'highpass', wet: 1, estimated_snr_db: null };

describe.skipIf(!hasSharedMedia)(`real voices in real noise${needsSharedMedia}`, () => {
  let folder: string;
  let tools: MediaTools;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'denoise-'));
    tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
    await makeMedia('-f', 'lavfi', '-i', `anoisesrc=c=pink:d=${lengthS}:seed=2:r=48000`, join(folder, 'pink.wav'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function clean(name: string, denoise: EditPlan['audio']['denoise']): Promise<Float32Array> {
    const output = new Float32Array(samples);
    let filled = 0;
    const { path, facts } = await readAudio(join(folder, name));
    await decodeDenoised({ path, facts, sampleRate, channels: 1, samples }, denoise, tools, {
      cwd: folder,
      signal,
      onBlock: (block) => {
        output.set(block, filled);
        filled += block.length;
      },
    });
    return output;
  }

  /** The gain over the high-passed mix, so that rumble is not sold as denoising. */
  async function measureGain(voiceName: string, noisePath: string, snrDb: number) {
    const voice = loop(await decodePlain(join(sharedMedia, 'speech', voiceName)));
    const noise = loop(await decodePlain(noisePath));
    const scale = Math.sqrt(activePower(voice) / meanPower(noise) / 10 ** (snrDb / 10));
    await writeWav(join(folder, 'voice.wav'), voice);
    await writeWav(
      join(folder, 'mix.wav'),
      voice.map((value, index) => value + scale * noise[index]!),
    );
    const { path, facts } = await readAudio(join(folder, 'mix.wav'));
    const { signals } = await analyzeAudio({ path, facts, durationS: lengthS }, tools, { cwd: folder, signal });
    const choice = chooseDenoise(signals.noise);
    const reference = await clean('voice.wav', highpass);
    const before = siSdr(reference, await clean('mix.wav', highpass));
    return { choice, gainDb: siSdr(reference, await clean('mix.wav', choice)) - before };
  }

  it.each([
    ['jfk.flac', 'rain_60s.mp3', 0, 'rnnoise', 3],
    ['jfk.flac', 'pink', 10, 'profile', 3],
    ['copperfield_reading_104s.mp3', 'sb_noise1.wav', 5, 'rnnoise', 1],
    ['jfk.flac', 'sb_noise5.wav', 20, 'rnnoise', -0.3],
  ] as const)('%s in %s at %i dB: %s, at least %f dB better', async (voice, noise, snrDb, method, leastDb) => {
    const path = noise === 'pink' ? join(folder, 'pink.wav') : join(sharedMedia, 'noise', noise);
    const { choice, gainDb } = await measureGain(voice, path, snrDb);
    expect(choice.method).toBe(method);
    expect(gainDb).toBeGreaterThanOrEqual(leastDb);
  });

  it('leaves a clean recording alone', async () => {
    const { choice } = await measureGain('copperfield_reading_104s.mp3', join(folder, 'pink.wav'), 60);
    expect(choice).toMatchObject({ method: 'none', wet: 0 });
  });
});

const loop = (source: Float32Array) => Float32Array.from({ length: samples }, (_, index) => source[index % source.length]!);
const meanPower = (part: Float32Array) => part.reduce((sum, value) => sum + value * value, 0) / part.length;

/** Mean power of the 20 ms frames within 25 dB of the loud ones: noise is mixed against speech, not against its pauses. */
function activePower(voice: Float32Array): number {
  const powers = Array.from({ length: Math.floor(voice.length / 960) }, (_, index) =>
    meanPower(voice.subarray(960 * index, 960 * (index + 1))),
  );
  const loud = powers.slice().sort((one, other) => one - other)[Math.floor(0.95 * powers.length)]!;
  const active = powers.filter((power) => power > loud * 10 ** -2.5);
  return active.reduce((sum, power) => sum + power, 0) / active.length;
}
