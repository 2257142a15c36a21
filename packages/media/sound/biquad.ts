/** One second-order section, normalised so that a0 = 1. */
export interface Biquad {
  b0: number;
  b1: number;
  b2: number;
  a1: number;
  a2: number;
}

/** Filters a block in place and remembers its state for the next one. */
export type BlockFilter = (samples: Float32Array) => void;

/** Pure: second-order Butterworth section by the bilinear transform (RBJ cookbook, Q = 1/√2). */
export function buildButterworth(kind: 'highpass' | 'lowpass', cutoffHz: number, sampleRate: number): Biquad {
  const angle = (2 * Math.PI * cutoffHz) / sampleRate;
  const cosine = Math.cos(angle);
  const alpha = Math.sin(angle) * Math.SQRT1_2;
  const a0 = 1 + alpha;
  const sign = kind === 'lowpass' ? -1 : 1;
  const b0 = (1 + sign * cosine) / 2 / a0;
  return { b0, b1: -sign * 2 * b0, b2: b0, a1: (-2 * cosine) / a0, a2: (1 - alpha) / a0 };
}

/** Sections one after another, causal. */
export function createFilter(sections: readonly Biquad[]): BlockFilter {
  const filters = sections.map(createSection);
  return (samples) => {
    for (const filter of filters) filter(samples);
  };
}

/** Transposed direct form II: two state variables, well behaved at low cut-offs. A loop writes its own copy faster than a closure's. */
function createSection({ b0, b1, b2, a1, a2 }: Biquad): BlockFilter {
  const kept = { z1: 0, z2: 0 };
  return (samples) => {
    let { z1, z2 } = kept;
    for (let index = 0; index < samples.length; index++) {
      const input = samples[index]!;
      const output = b0 * input + z1;
      z1 = b1 * input - a1 * output + z2;
      z2 = b2 * input - a2 * output;
      samples[index] = output;
    }
    Object.assign(kept, { z1, z2 });
  };
}
