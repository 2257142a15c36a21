import { atRest, attackSamples, releaseSamples, returnSlowly } from './gain-curve.ts';
import { concatenate } from './interleave.ts';
import type { Level } from './loudness.ts';
import { peakAt, reach } from './true-peak.ts';

/** Interleaved samples at 48 kHz in; in the end as many out, without delay. */
export interface Leveller {
  push(block: Float32Array): Float32Array;
  end(): Float32Array;
}

/** Samples that are kept before the first one not given out yet. */
const past = reach - 1;

/**
 * Gain, then a limiter that looks ahead and hears peaks between samples. All channels follow one curve, which changes so
 * slowly that the rate of the sound is enough for it.
 */
export function createLeveller({ gainDb, limitDb }: Level, channels: 1 | 2): Leveller {
  const gain = 10 ** (gainDb / 20);
  if (limitDb === null) return { push: (block) => append(new Float32Array(0), block, gain), end: () => new Float32Array(0) };
  const limit = 10 ** (limitDb / 20);
  let samples = new Float32Array(past * channels);
  let curve = new Float32Array(0);
  let release = atRest;
  const push = (block: Float32Array) => {
    samples = append(samples, block, gain);
    const from = past + curve.length;
    const fresh = allow(samples, { from, to: Math.max(from, samples.length / channels - reach), channels, limit });
    release = returnSlowly(fresh, release, { length: releaseSamples });
    curve = concatenate([curve, fresh]);
    const final = Math.max(0, curve.length - attackSamples);
    const levelled = follow(samples.subarray(past * channels, (past + final) * channels), lookAhead(curve), channels);
    samples = samples.slice(final * channels);
    curve = curve.slice(final);
    return levelled;
  };
  return { push, end: () => push(new Float32Array((attackSamples + reach) * channels)) };
}

/** One array for both, because a large one for each step would keep the collector busy. */
function append(samples: Float32Array, block: Float32Array, gain: number): Float32Array<ArrayBuffer> {
  const joined = new Float32Array(samples.length + block.length);
  joined.set(samples);
  for (let index = 0; index < block.length; index++) joined[samples.length + index] = gain * block[index]!;
  return joined;
}

/** The gain that each moment alone allows, no more than 1. */
function allow(samples: Float32Array, { from, to, channels, limit }: { from: number; to: number; channels: number; limit: number }) {
  const allowed = new Float32Array(to - from).fill(1);
  const look = { step: channels, floor: limit };
  for (let frame = 0, index = from * channels; frame < allowed.length; frame++)
    for (const end = index + channels; index < end; index++) {
      const peak = peakAt(samples, index, look);
      if (peak > limit) allowed[frame] = Math.min(allowed[frame]!, limit / peak);
    }
  return allowed;
}

function lookAhead(curve: Float32Array): Float32Array {
  const ahead = curve.slice();
  returnSlowly(ahead, atRest, { length: attackSamples, backwards: true });
  return ahead;
}

function follow(samples: Float32Array, curve: Float32Array, channels: number): Float32Array {
  const levelled = new Float32Array(samples.length);
  for (let frame = 0, index = 0; index < samples.length; frame++)
    for (const end = index + channels; index < end; index++) levelled[index] = samples[index]! * curve[frame]!;
  return levelled;
}
