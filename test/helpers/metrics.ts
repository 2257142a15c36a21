/** Scale-invariant signal-to-distortion ratio in dB of `estimate` against `reference` (equal length, aligned). */
export function siSdr(reference: Float32Array, estimate: Float32Array): number {
  const clean = centre(reference);
  const test = centre(estimate);
  const scale = dot(clean, test) / dot(clean, clean);
  const target = clean.map((value) => scale * value);
  const error = test.map((value, index) => value - target[index]!);
  return 10 * Math.log10(dot(target, target) / dot(error, error));
}

/** Samples by which `late` comes after `reference`, at most `reach` either way: the peak of their normalised cross-correlation. */
export function findLag(reference: Float32Array, late: Float32Array, reach: number): number {
  const fixed = reference.subarray(reach, reference.length - reach);
  let best = { lag: 0, score: Number.NEGATIVE_INFINITY };
  for (let lag = -reach; lag <= reach; lag++) {
    const moved = late.subarray(reach + lag, late.length - reach + lag);
    const score = dot(fixed, moved) / Math.sqrt(dot(moved, moved));
    if (score > best.score) best = { lag, score };
  }
  return best.lag;
}

/**
 * How much a join stands out: the greatest step between neighbouring samples within 5 ms of it, over the p99.9 of the
 * steps within a second around it. A click is far above 1.5.
 */
export function joinRatio(samples: Float32Array, join: number, sampleRate: number): number {
  const near = steps(samples, join - 0.005 * sampleRate, join + 0.005 * sampleRate);
  const around = steps(samples, join - sampleRate, join + sampleRate).sort();
  return near.reduce((most, step) => Math.max(most, step), 0) / around[Math.floor(0.999 * around.length)]!;
}

function steps(samples: Float32Array, from: number, to: number): Float32Array {
  const first = Math.max(1, Math.round(from));
  const part = samples.subarray(first - 1, Math.min(samples.length, Math.round(to)));
  return part.subarray(1).map((value, index) => Math.abs(value - part[index]!));
}

function centre(samples: Float32Array): Float64Array {
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  return Float64Array.from(samples, (value) => value - mean);
}

function dot(one: ArrayLike<number>, other: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += one[index]! * other[index]!;
  return sum;
}
