import { describe, expect, it } from 'vitest';
import { findGain, foretell, peakDbOf } from '#media/sound/forecast';
import { concatenate } from '#media/sound/interleave';
import { createLevelMeter } from '#media/sound/level-meter';
import { createLeveller } from '#media/sound/leveller';
import { peakAt } from '#media/sound/true-peak';

const rate = 48_000;
const plain = { gainDb: 0, limitDb: null };
const gainOf = (db: number) => 10 ** (db / 20);

/** Interleaved; every channel the same. */
function tone({
  seconds,
  amplitude,
  hz = 997,
  channels = 2,
}: {
  seconds: number;
  amplitude: (t: number) => number;
  hz?: number;
  channels?: 1 | 2;
}) {
  const samples = new Float32Array(seconds * rate * channels);
  for (let index = 0; index < samples.length; index++) {
    const t = Math.floor(index / channels) / rate;
    samples[index] = amplitude(t) * Math.sin(2 * Math.PI * hz * t);
  }
  return samples;
}

/** Words of 0.3 s with a loud consonant in each, between pauses. */
const speech = tone({ seconds: 4, amplitude: (t) => (t % 0.5 > 0.3 ? 0.0005 : Math.abs((t % 0.5) - 0.15) < 0.001 ? 0.6 : 0.15) });

function measure(samples: Float32Array, channels: 1 | 2 = 2, step = samples.length) {
  const meter = createLevelMeter(channels);
  for (let at = 0; at < samples.length; at += step) meter.push(samples.subarray(at, at + step));
  return meter.end();
}

function level(samples: Float32Array, wanted: { gainDb: number; limitDb: number | null }, step = samples.length): Float32Array {
  const leveller = createLeveller(wanted, 2);
  const parts: Float32Array[] = [];
  for (let at = 0; at < samples.length; at += step) parts.push(leveller.push(samples.subarray(at, at + step)));
  parts.push(leveller.end());
  return concatenate(parts);
}

describe('the meter', () => {
  it('hears 997 Hz at full scale as BS.1770 says: −3.01 LUFS in one channel, 0 in two', () => {
    const full = (channels: 1 | 2) => foretell(measure(tone({ seconds: 2, amplitude: () => 1, channels }), channels), plain)!;
    expect(full(1)).toBeCloseTo(-3.01, 1);
    expect(full(2)).toBeCloseTo(0, 1);
  });

  it('hears the same in blocks of any length, and every sample', () => {
    const samples = speech.subarray(0, 2 * (rate + 7));
    expect(measure(samples, 2, 346)).toEqual(measure(samples));
    expect(measure(samples).power).toHaveLength(401);
  });

  it('does not count pauses, nor what is 10 LU softer than the rest, and calls silence silence', () => {
    const thirds = tone({ seconds: 9, amplitude: (t) => [0.1, 0.02, 0][Math.floor(t / 3)]! });
    expect(foretell(measure(thirds), plain)).toBeCloseTo(-20.2, 1);
    const silence = measure(new Float32Array(2 * rate));
    expect([foretell(silence, plain), peakDbOf(silence)]).toEqual([null, null]);
  });

  it('needs 400 ms to say how loud something is', () => {
    const short = (seconds: number) => foretell(measure(tone({ seconds, amplitude: () => 0.1 })), plain);
    expect(short(0.39)).toBeNull();
    expect(short(0.4)).toBeCloseTo(-20, 0);
  });
});

describe('the leveller', () => {
  it('gives as many samples as it took, the same in blocks of any length', () => {
    const samples = speech.subarray(0, rate / 2 + 2);
    const whole = level(samples, { gainDb: 9, limitDb: -2 });
    expect(whole).toHaveLength(samples.length);
    expect(level(samples, { gainDb: 9, limitDb: -2 }, 778)).toEqual(whole);
    expect(level(samples.subarray(0, 20), { gainDb: 9, limitDb: -2 })).toHaveLength(20);
  });

  it('does nothing but its gain where nothing is too loud', () => {
    const quiet = speech.subarray(0, rate / 5).map((sample) => sample / 4);
    const louder = quiet.map((sample) => gainOf(6) * sample);
    expect(level(quiet, { gainDb: 6, limitDb: -2 })).toEqual(louder);
    expect(level(quiet, { gainDb: 6, limitDb: null })).toEqual(louder);
  });

  it('keeps peaks below the ceiling, between samples too, and lets go of them', () => {
    const limited = level(speech, { gainDb: 12, limitDb: -2 });
    let peak = 0;
    for (let index = 20; index < limited.length - 20; index++) peak = Math.max(peak, peakAt(limited, index, { step: 2, floor: 0 }));
    expect(20 * Math.log10(peak)).toBeLessThanOrEqual(-1.95);
    expect(20 * Math.log10(peak)).toBeGreaterThan(-2.1);
    const before = 2 * Math.round(0.49 * rate);
    expect(limited.subarray(before - 200, before)).toEqual(speech.subarray(before - 200, before).map((sample) => gainOf(12) * sample));
  });

  it('sees a peak that lies between two samples', () => {
    const tilted = Float32Array.from({ length: 64 }, (_, index) => Math.sin((Math.PI / 2) * index + Math.PI / 4));
    expect(Math.max(...tilted)).toBeCloseTo(Math.SQRT1_2);
    expect(peakAt(tilted, 32, { step: 1, floor: 1 })).toBeCloseTo(1, 1);
  });
});

describe('the forecast', () => {
  it.each([6, 10, 14])('of %d dB into the limiter is what comes out, within 0.1 LU', (gainDb) => {
    const wanted = { gainDb, limitDb: -2 };
    const limited = foretell(measure(level(speech, wanted)), plain)!;
    expect(Math.abs(foretell(measure(speech), wanted)! - limited)).toBeLessThanOrEqual(0.1);
    expect(limited).toBeLessThan(foretell(measure(speech), { gainDb, limitDb: null })!);
  });

  it('finds the gain that reaches a target through the limiter', () => {
    const levels = measure(speech);
    const gainDb = findGain(levels, { targetLufs: -10, limitDb: -2 });
    expect(foretell(levels, { gainDb, limitDb: -2 })).toBeCloseTo(-10, 1);
    expect(gainDb).toBeGreaterThan(findGain(levels, { targetLufs: -10, limitDb: null }) + 0.2);
  });
});
