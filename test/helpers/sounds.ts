/** A repeatable stand-in for speech: bursts of a wandering harmonic tone, 16-bit-like level. */
export function makeVoice(samples: number, sampleRate: number): Float32Array {
  let phase = 0;
  return Float32Array.from({ length: samples }, (_, index) => {
    const time = index / sampleRate;
    phase += (2 * Math.PI * (140 + 30 * Math.sin(2 * Math.PI * 1.3 * time))) / sampleRate;
    const loudness = 0.15 * (1 + Math.sin(2 * Math.PI * 3.1 * time));
    return loudness * (Math.sin(phase) + 0.6 * Math.sin(3 * phase) + 0.4 * Math.sin(7 * phase));
  });
}

/** White noise of the given RMS from a fixed seed (mulberry32). */
export function makeNoise(samples: number, rms: number, seed = 1): Float32Array {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const spread = rms * Math.sqrt(12);
  return Float32Array.from({ length: samples }, () => (next() - 0.5) * spread);
}
