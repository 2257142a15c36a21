import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseDenoise } from '#director/denoise-choice';
import { buildDenoiseFilters } from '#media/sound/denoise';
import { createPowerSpectrum } from '#media/sound/fft';
import { createProfileMeter } from '#media/sound/noise-profile';
import { createVoiceCleaner } from '#media/sound/voice-cleaner';
import { findLag } from '../helpers/metrics.ts';
import { makeNoise, makeVoice } from '../helpers/sounds.ts';

describe('the choice of a denoiser', () => {
  const noise = (estimated_snr_db: number | null, rumble_db = 0, spread_db: number | null = 6) => ({
    estimated_snr_db,
    rumble_db,
    spread_db,
  });

  it.each([
    ['clean speech', noise(36), 'none'],
    ['silence', noise(null), 'none'],
    ['nearly clean speech over rumble', noise(30, 3), 'highpass'],
    ['nearly clean speech without rumble', noise(30, 1), 'none'],
    ['steady hiss', noise(18, 0, 1.5), 'profile'],
    ['loud steady hiss', noise(8, 0, 1.5), 'rnnoise'],
    ['rain', noise(15, 0, 5.4), 'rnnoise'],
    ['noise without a pause to hear it in', noise(12, 0, null), 'rnnoise'],
    ['a little street noise', noise(26.5, 0.3, 6), 'none'],
  ])('%s', (_, measured, method) => {
    expect(chooseDenoise(measured)).toMatchObject({ method, estimated_snr_db: measured.estimated_snr_db });
  });

  it('mixes in less of the network the cleaner the recording is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 27, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true }), (estimate, cleaner) => {
        expect(chooseDenoise(noise(estimate + cleaner)).wet).toBeLessThanOrEqual(chooseDenoise(noise(estimate)).wet);
      }),
    );
  });
});

it('filters take off the delay they add: 10 ms for the high-pass, 25 ms for the gate', () => {
  const profile = { floorDb: -50, bandsDb: Array<number>(15).fill(1) };
  const delayOf = (filters: string[]) => filters.find((filter) => filter.startsWith('atrim'));
  expect(delayOf(buildDenoiseFilters({ sampleRate: 48_000, estimatedSnrDb: 10, profile: null }))).toBe('atrim=start_sample=480');
  expect(delayOf(buildDenoiseFilters({ sampleRate: 48_000, estimatedSnrDb: 10, profile }))).toBe('atrim=start_sample=1680');
  expect(delayOf(buildDenoiseFilters({ sampleRate: 44_100, estimatedSnrDb: 10, profile }))).toBe('atrim=start_sample=1543');
});

it('the power spectrum puts a tone in its bin and obeys Parseval', () => {
  const size = 1024;
  const tone = Float32Array.from({ length: size }, (_, index) => Math.cos((2 * Math.PI * 37 * index) / size));
  const power = createPowerSpectrum(size)(tone);
  expect(power[37]).toBeCloseTo((size / 2) ** 2, 0);
  expect(power.reduce((sum, value) => sum + value, 0) - power[37]!).toBeLessThan(1);
  const noise = makeNoise(size, 0.3);
  const spectrum = createPowerSpectrum(size)(noise);
  const total = spectrum[0]! + spectrum[size / 2]! + 2 * spectrum.subarray(1, size / 2).reduce((sum, value) => sum + value, 0);
  expect(total / size).toBeCloseTo(
    noise.reduce((sum, value) => sum + value * value, 0),
    2,
  );
});

it('the noise profile of white noise is flat, at its level, whatever is louder than it', () => {
  const sampleRate = 48_000;
  const meter = createProfileMeter({ sampleRate, channels: 1 });
  const hiss = makeNoise(2 * sampleRate, 0.001);
  const voice = makeVoice(2 * sampleRate, sampleRate);
  meter.push(hiss.map((value, index) => value + (index > sampleRate ? voice[index]! : 0)));
  const profile = meter.end()!;
  expect(Math.max(...profile.bandsDb) - Math.min(...profile.bandsDb)).toBeLessThan(5);
  expect(profile.floorDb).toBeCloseTo(-60 + 2, -1);
  expect(createProfileMeter({ sampleRate, channels: 2 }).end()).toBeNull();
});

describe('the voice cleaner', () => {
  const clean = async (source: Float32Array, { channels, wet, block }: { channels: number; wet: number; block: number }) => {
    const cleaner = await createVoiceCleaner({ channels, wet });
    const output: number[] = [];
    for (let start = 0; start < source.length; start += block * channels)
      output.push(...(await cleaner.push(source.subarray(start, start + block * channels))));
    output.push(...(await cleaner.end()));
    return Float32Array.from(output);
  };

  it('returns the source itself when nothing wet is mixed in, in pieces of any length', async () => {
    const source = makeNoise(2 * 5003, 0.1);
    expect(await clean(source, { channels: 2, wet: 0, block: 777 })).toEqual(source);
  });

  it('comes out at the moment it went in', async () => {
    const voice = makeVoice(48_000, 48_000);
    const cleaned = await clean(voice, { channels: 1, wet: 1, block: 4096 });
    expect(cleaned).toHaveLength(voice.length);
    expect(Math.abs(findLag(voice, cleaned, 60))).toBeLessThanOrEqual(48);
  });
});
