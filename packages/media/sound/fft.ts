/** Pure: |X_k|² for k = 0 … size/2 of a real frame, zero-padded to the plan's size (a power of two). */
export type PowerSpectrum = (frame: Float32Array) => Float64Array;

/** Iterative radix-2 transform with its tables made once. */
export function createPowerSpectrum(size: number): PowerSpectrum {
  const bits = Math.log2(size);
  if (!Number.isInteger(bits)) throw new RangeError(`not a power of two: ${size}`);
  const reversed = Uint32Array.from({ length: size }, (_, index) => reverseBits(index, bits));
  const cosine = Float64Array.from({ length: size / 2 }, (_, index) => Math.cos((2 * Math.PI * index) / size));
  const sine = Float64Array.from({ length: size / 2 }, (_, index) => -Math.sin((2 * Math.PI * index) / size));
  const re = new Float64Array(size);
  const im = new Float64Array(size);
  return (frame) => {
    for (let index = 0; index < size; index++) re[index] = frame[reversed[index]!] ?? 0;
    im.fill(0);
    for (let half = 1; half < size; half *= 2) combine({ re, im, cosine, sine, half });
    const power = new Float64Array(size / 2 + 1);
    for (let index = 0; index < power.length; index++) power[index] = re[index]! * re[index]! + im[index]! * im[index]!;
    return power;
  };
}

interface Butterfly {
  re: Float64Array;
  im: Float64Array;
  cosine: Float64Array;
  sine: Float64Array;
  half: number;
}

function combine({ re, im, cosine, sine, half }: Butterfly): void {
  const stride = re.length / (2 * half);
  for (let start = 0; start < re.length; start += 2 * half)
    for (let offset = 0; offset < half; offset++) {
      const one = start + offset;
      const other = one + half;
      const c = cosine[offset * stride]!;
      const s = sine[offset * stride]!;
      const real = re[other]! * c - im[other]! * s;
      const imaginary = re[other]! * s + im[other]! * c;
      re[other] = re[one]! - real;
      im[other] = im[one]! - imaginary;
      re[one] = re[one]! + real;
      im[one] = im[one]! + imaginary;
    }
}

function reverseBits(index: number, bits: number): number {
  let reversed = 0;
  for (let bit = 0; bit < bits; bit++) reversed |= ((index >> bit) & 1) << (bits - 1 - bit);
  return reversed;
}
