import type { AudioSignals, RangeS } from '#contracts/artifacts';
import { buildButterworth, createFilter } from './biquad.ts';
import { analysisRate, envelopeFrameS } from './envelope.ts';
import { createPowerMeter, percentile } from './levels.ts';

export type NoiseEstimate = Pick<AudioSignals['noise'], 'estimated_snr_db' | 'rumble_db'>;

const frame = analysisRate / 50;
const silent = 1e-9;
const quietShare = 0.12;
const activeDepth = 10 ** -2.5;
/** Beside speech there is reverberation, not noise. */
const pauseMarginFrames = 10;
const leastPauseFrames = 100;

/**
 * Blind estimate of the speech-to-noise ratio and of noise below the voice, from mono PCM at the analysis rate. It reads
 * 1 dB (white) to 7 dB (pink) above the true ratio, and 36 dB on clean speech.
 */
export function createNoiseMeter(): { push(samples: Float32Array): void; end(): NoiseEstimate } {
  const inBand = createPowerMeter(frame);
  const fullBand = createPowerMeter(frame);
  const band = createFilter([buildButterworth('highpass', 100, analysisRate), buildButterworth('lowpass', 7000, analysisRate)]);
  return {
    push(samples) {
      fullBand.push(samples);
      const voice = samples.slice();
      band(voice);
      inBand.push(voice);
    },
    end: () => estimateNoise(inBand.end(), fullBand.end()),
  };
}

/** Pure: the estimate from mean powers per 20 ms; null when there is nothing but silence. */
export function estimateNoise(inBand: Float32Array, fullBand: Float32Array): NoiseEstimate {
  const powers = inBand.filter((power) => power >= silent).sort();
  if (powers.length === 0) return { estimated_snr_db: null, rumble_db: 0 };
  const floor = quietMean(powers);
  const loud = percentile(powers, 0.95) * activeDepth;
  const active = mean(powers.filter((power) => power > loud && power > 2 * floor));
  const rumble = quietMean(fullBand.filter((power) => power >= silent).sort()) / floor;
  return {
    estimated_snr_db: active > floor ? decibels((active - floor) / floor) : 0,
    rumble_db: Math.max(0, decibels(rumble)),
  };
}

/** Pure: how far the level wanders inside pauses (p90 − p10, dB): little for a steady hiss, much for rain or a street. */
export function measureSpread(envelope: Int16Array, speech: readonly RangeS[]): number | null {
  const isPause = new Uint8Array(envelope.length).fill(1);
  for (const run of speech) {
    const start = Math.round(run.start_s / envelopeFrameS) - pauseMarginFrames;
    isPause.fill(0, Math.max(0, start), Math.round(run.end_s / envelopeFrameS) + pauseMarginFrames);
  }
  const levels = envelope.filter((_, index) => isPause[index] === 1).sort();
  if (levels.length < leastPauseFrames) return null;
  return (percentile(levels, 0.9) - percentile(levels, 0.1)) / 100;
}

const quietMean = (sorted: Float32Array) => mean(sorted.subarray(0, Math.max(1, Math.floor(quietShare * sorted.length))));
const mean = (values: Float32Array) => (values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length);
const decibels = (ratio: number) => 10 * Math.log10(ratio);
