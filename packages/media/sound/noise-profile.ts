import { createPowerSpectrum } from './fft.ts';
import { pickChannel } from './interleave.ts';

/** What `afftdn` must know of the noise: its level and its colour in fifteen bands, dB. */
export interface NoiseProfile {
  floorDb: number;
  bandsDb: number[];
}

/** afftdn's own bands, Hz. */
const centres = [80, 120, 180, 270, 410, 620, 930, 1400, 2100, 3150, 4750, 7100, 10_700, 16_000, 24_000];
const bandWidth = 1.2247;
const windowS = 0.064;
const quietShare = 0.12;
const digitalSilence = 1e-12;

interface Frame {
  energy: number;
  bands: Float64Array;
}

/** Takes interleaved PCM; the profile is the mean of the quietest 12 % of its frames. Keeps sixteen numbers per 32 ms. */
export function createProfileMeter({ sampleRate, channels }: { sampleRate: number; channels: number }): {
  push(block: Float32Array): void;
  end(): NoiseProfile | null;
} {
  const length = Math.round(windowS * sampleRate);
  const measure = createFrameMeter(length, sampleRate);
  const frames: Frame[] = [];
  let held = new Float32Array(0);
  return {
    push(block) {
      const joined = new Float32Array(held.length + block.length);
      joined.set(held);
      joined.set(block, held.length);
      let start = 0;
      for (; start + length * channels <= joined.length; start += (length >> 1) * channels)
        for (let channel = 0; channel < channels; channel++)
          frames.push(measure(pickChannel(joined.subarray(start, start + length * channels), channel, channels)));
      held = joined.slice(start);
    },
    end: () => toProfile(frames),
  };
}

function createFrameMeter(length: number, sampleRate: number): (samples: Float32Array) => Frame {
  const size = 2 ** Math.ceil(Math.log2(length));
  const spectrum = createPowerSpectrum(size);
  const hann = Float32Array.from({ length }, (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / length));
  const weight = hann.reduce((sum, value) => sum + value * value, 0);
  const toBin = (hertz: number) => Math.round((hertz * size) / sampleRate);
  const ranges = centres.map((centre) => [toBin(centre / bandWidth), toBin(Math.min(bandWidth * centre, 0.49 * sampleRate))] as const);
  return (samples) => {
    const power = spectrum(samples.map((value, index) => value * hann[index]!));
    const bands = Float64Array.from(ranges, ([from, to]) => mean(power.subarray(from, to + 1)) / weight);
    return { energy: samples.reduce((sum, value) => sum + value * value, 0) / length, bands };
  };
}

/** Null when there is nothing but digital silence. */
function toProfile(frames: readonly Frame[]): NoiseProfile | null {
  const audible = frames.filter((frame) => frame.energy > digitalSilence).sort((one, other) => one.energy - other.energy);
  if (audible.length === 0) return null;
  const quiet = audible.slice(0, Math.max(1, Math.floor(quietShare * audible.length)));
  const levels: number[] = [];
  for (const band of centres.keys()) {
    const level = 10 * Math.log10(mean(quiet.map((frame) => frame.bands[band]!)));
    levels.push(Number.isFinite(level) ? level : (levels.at(-1) ?? -120));
  }
  const middle = mean(levels);
  return { floorDb: clamp(middle + 2, -80, -20), bandsDb: levels.map((level) => clamp(level - middle, -24, 24)) };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}

const clamp = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));
