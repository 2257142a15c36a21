import { describe, expect, it } from 'vitest';
import { buildButterworth, createFilter } from '#media/sound/biquad';
import { analysisRate, createEnvelopeMeter } from '#media/sound/envelope';
import { percentile, toCentibels } from '#media/sound/levels';
import { estimateNoise, measureSpread } from '#media/sound/noise';
import { findSpeech } from '#media/sound/silence';
import { createZeroPhase } from '#media/sound/zero-phase';
import { makeNoise } from '../helpers/sounds.ts';

const tone = (hertz: number, samples = analysisRate) =>
  Float32Array.from({ length: samples }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / analysisRate));
const rms = (samples: Float32Array) => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
const decibels = (ratio: number) => 20 * Math.log10(ratio);

/** An envelope of `[frames, dB]` steps; sibilance is silent unless given. */
function envelopes(steps: [number, number][], sibilant: [number, number][] = []) {
  const build = (list: [number, number][]) => Int16Array.from(list.flatMap(([frames, level]) => Array<number>(frames).fill(100 * level)));
  const speech = build(steps);
  return { speech, sibilance: sibilant.length > 0 ? build(sibilant) : new Int16Array(speech.length).fill(-12_000) };
}
const speechOf = (steps: [number, number][], sibilant?: [number, number][]) =>
  findSpeech(envelopes(steps, sibilant)).speech.map((run) => [run.start_s, run.end_s]);

describe('filters', () => {
  it('a Butterworth section is 3 dB down at its cut-off, flat inside and 12 dB per octave outside', () => {
    const gainAt = (hertz: number) => {
      const samples = tone(hertz);
      createFilter([buildButterworth('highpass', 500, analysisRate)])(samples);
      return decibels(rms(samples.subarray(4000)) * Math.SQRT2);
    };
    expect(gainAt(500)).toBeCloseTo(-3, 1);
    expect(gainAt(3000)).toBeCloseTo(0, 1);
    expect(gainAt(125)).toBeCloseTo(-24, 0);
  });

  it('forward and backward filtering mirrors an impulse around its own place, across block borders', () => {
    const output: number[] = [];
    const filter = createZeroPhase({ sections: [buildButterworth('highpass', 150, analysisRate)], block: 1000, lookahead: 800 }, (part) =>
      output.push(...part),
    );
    const samples = new Float32Array(5000);
    samples[2001] = 1;
    for (let start = 0; start < 5000; start += 700) filter.push(samples.subarray(start, start + 700));
    filter.end();
    expect(output).toHaveLength(5000);
    for (const distance of [1, 5, 50, 200]) expect(output[2001 + distance]).toBeCloseTo(output[2001 - distance]!, 5);
  });

  it('the envelope reads the level of a tone in the band, per 10 ms, and little of one below it', () => {
    const levelOf = (hertz: number) => {
      const meter = createEnvelopeMeter();
      meter.push(tone(hertz));
      return meter.end().speech;
    };
    expect(levelOf(1000)).toHaveLength(100);
    expect(levelOf(1000)[50]).toBeCloseTo(-301, -2);
    expect(levelOf(40)[50]).toBeLessThan(-3000);
  });
});

it('percentiles and levels', () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index);
  expect([percentile(sorted, 0.08), percentile(sorted, 0.95), percentile(sorted, 1)]).toEqual([8, 95, 99]);
  expect([toCentibels(1), toCentibels(0.5), toCentibels(0)]).toEqual([0, -301, -12_000]);
});

describe('the speech mask', () => {
  it('is the same 12 dB quieter', () => {
    const steps: [number, number][] = [
      [100, -62],
      [200, -20],
      [60, -58],
      [150, -25],
      [80, -60],
    ];
    expect(speechOf(steps.map(([frames, level]) => [frames, level - 12]))).toEqual(speechOf(steps));
    expect(speechOf(steps)).toEqual([
      [1, 3],
      [3.6, 5.1],
    ]);
  });

  it('stays on between its two thresholds, but is not switched on there', () => {
    const between = -51;
    expect(
      speechOf([
        [100, -60],
        [50, -20],
        [30, between],
        [100, -60],
        [30, between],
        [100, -60],
        [200, -20],
      ]),
    ).toEqual([
      [1, 1.8],
      [4.1, 6.1],
    ]);
  });

  it('closes gaps below 150 ms and drops runs below 50 ms', () => {
    const steps: [number, number][] = [
      [100, -60],
      [50, -20],
      [14, -60],
      [50, -20],
      [100, -60],
      [4, -20],
      [100, -60],
    ];
    expect(speechOf(steps)).toEqual([[1, 2.14]]);
  });

  it('holds a final /s/ that the speech band misses, for at most 200 ms', () => {
    const speech: [number, number][] = [
      [100, -60],
      [50, -20],
      [150, -60],
    ];
    expect(
      speechOf(speech, [
        [150, -70],
        [12, -40],
        [138, -70],
      ]),
    ).toEqual([[1, 1.62]]);
    expect(
      speechOf(speech, [
        [150, -70],
        [90, -40],
        [60, -70],
      ]),
    ).toEqual([[1, 1.7]]);
  });

  it('decides nothing where the level hardly moves', () => {
    const mask = findSpeech(
      envelopes([
        [1500, -30],
        [1500, -33],
      ]),
    );
    expect(mask).toEqual({ speech: [], undecided: [{ start_s: 0, end_s: 30 }] });
  });

  it('sees a long flat stretch at the floor of its surroundings as a pause, and a louder one as undecided', () => {
    const talk: [number, number][] = Array.from({ length: 20 }, (_, index) => [100, index % 2 === 0 ? -20 : -60]);
    const withMiddle = (level: number) => findSpeech(envelopes([...talk, [6000, level], ...talk]));
    expect(withMiddle(-60).undecided).toEqual([]);
    expect(withMiddle(-60).speech.some((run) => run.start_s < 70 && run.end_s > 30)).toBe(false);
    expect(withMiddle(-30).undecided.some((span) => span.start_s < 50 && span.end_s > 50)).toBe(true);
  });
});

describe('the noise estimate', () => {
  it('comes near the true ratio of level to floor, and is null for silence', () => {
    const powers = Float32Array.from({ length: 500 }, (_, index) => (index % 5 < 2 ? 1e-5 : 1e-2));
    expect(estimateNoise(powers, powers).estimated_snr_db).toBeCloseTo(30, 0);
    expect(
      estimateNoise(
        powers,
        powers.map((power) => 10 * power),
      ).rumble_db,
    ).toBeCloseTo(10);
    expect(estimateNoise(new Float32Array(50), new Float32Array(50)).estimated_snr_db).toBeNull();
  });

  it('tells steady hiss from noise that comes and goes, and needs a second of pause', () => {
    const hiss = Int16Array.from(makeNoise(600, 100), (value) => -4000 + value);
    const street = Int16Array.from(makeNoise(600, 600), (value) => -4000 + value);
    expect(measureSpread(hiss, [])).toBeLessThan(4);
    expect(measureSpread(street, [])).toBeGreaterThan(8);
    expect(measureSpread(hiss, [{ start_s: 0.5, end_s: 6 }])).toBeNull();
  });
});
