import { expect, it } from 'vitest';
import { findLag, joinRatio, siSdr } from '../helpers/metrics.ts';
import { makeNoise, makeVoice } from '../helpers/sounds.ts';

const rate = 16_000;
const voice = makeVoice(2 * rate, rate);
const shifted = (by: number) => Float32Array.from(voice, (_, index) => voice[index - by] ?? 0);

it('SI-SDR ignores the level, and falls with noise and with a shift of one sample', () => {
  const noise = makeNoise(voice.length, 0.01);
  const noisy = voice.map((value, index) => value + noise[index]!);
  expect(
    siSdr(
      voice,
      voice.map((value) => 0.3 * value),
    ),
  ).toBeGreaterThan(100);
  expect(siSdr(voice, noisy)).toBeLessThan(30);
  expect(siSdr(voice, shifted(1))).toBeLessThan(siSdr(voice, voice));
  expect(siSdr(voice, shifted(40))).toBeLessThan(5);
});

it('the lag is found to the sample, in both directions', () => {
  expect(findLag(voice, voice, 100)).toBe(0);
  expect(findLag(voice, shifted(37), 100)).toBe(37);
  expect(findLag(shifted(37), voice, 100)).toBe(-37);
});

it('a click at a join stands out, a smooth join does not', () => {
  const clicked = voice.slice();
  clicked[rate] = clicked[rate]! + 0.5;
  expect(joinRatio(voice, rate, rate)).toBeLessThanOrEqual(1.5);
  expect(joinRatio(clicked, rate, rate)).toBeGreaterThan(1.5);
});
