/** Samples on each side that a value between two samples is made of. */
export const reach = 6;

/** ITU-R BS.1770 looks at four times the rate: three values between two samples. */
const between = [0.25, 0.5, 0.75].map(buildPhase);

/** A peak between two samples stands out less than this far above both, save for noise made to disprove it. */
const greatestOvershoot = 2;

/**
 * Greatest level at a sample or on the way to the next one, of one channel of interleaved samples. Values between are only
 * worked out where they could reach `floor`; `reach` samples must stand on both sides of `index`.
 */
export function peakAt(samples: Float32Array, index: number, { step, floor }: { step: number; floor: number }): number {
  const known = Math.max(Math.abs(samples[index]!), Math.abs(samples[index + step]!));
  if (known * greatestOvershoot < floor) return known;
  let peak = known;
  for (const phase of between) {
    let value = 0;
    for (let tap = 0; tap < phase.length; tap++) value += phase[tap]! * samples[index + (tap - reach + 1) * step]!;
    peak = Math.max(peak, Math.abs(value));
  }
  return peak;
}

/** Windowed sinc for the moment `fraction` after a sample, which is its tap number `reach` − 1. */
function buildPhase(fraction: number): Float64Array {
  const taps = Float64Array.from({ length: 2 * reach }, (_, tap) => {
    const distance = tap - reach + 1 - fraction;
    const sinc = Math.sin(Math.PI * distance) / (Math.PI * distance);
    return sinc * Math.cos((Math.PI * distance) / (2 * reach)) ** 2;
  });
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}
