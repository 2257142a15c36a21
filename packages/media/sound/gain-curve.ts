/** The gain falls in a straight line for 5 ms before a peak, and takes 50 ms to come back; in samples at 48 kHz. */
export const attackSamples = 240;
export const releaseSamples = 2400;

export interface Slope {
  gain: number;
  /** Per value of the curve. */
  step: number;
}

export const atRest: Slope = { gain: 1, step: 0 };

/** In place: after each dip the gain goes back to 1 in a straight line of `length` values. Gives what to go on with. */
export function returnSlowly(
  curve: Float32Array,
  { gain, step }: Slope,
  { length, backwards = false }: { length: number; backwards?: boolean },
): Slope {
  for (let count = 0; count < curve.length; count++) {
    const index = backwards ? curve.length - 1 - count : count;
    gain = Math.min(1, gain + step);
    if (curve[index]! < gain) {
      gain = curve[index]!;
      step = (1 - gain) / length;
    }
    curve[index] = gain;
  }
  return { gain, step };
}
