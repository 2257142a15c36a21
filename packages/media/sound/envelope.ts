import { buildButterworth, createFilter } from './biquad.ts';
import { createPowerMeter, toCentibels } from './levels.ts';
import { createZeroPhase } from './zero-phase.ts';

/** Sample rate of everything that is analysed. */
export const analysisRate = 16_000;
export const envelopeFrameS = 0.01;

/** Levels per 10 ms, in hundredths of dB. */
export interface Envelopes {
  /** 150–4000 Hz, zero phase, mean of three frames: where speech has its energy. */
  speech: Int16Array;
  /** 4000–7500 Hz: where the /s/ lives that the speech band misses. */
  sibilance: Int16Array;
}

const frame = analysisRate * envelopeFrameS;
/** 50 ms: a 150 Hz Butterworth section has rung down by 280 dB. */
const lookahead = analysisRate / 20;

/** Takes mono PCM at the analysis rate block by block; keeps four bytes per 10 ms and nothing else. */
export function createEnvelopeMeter(): { push(samples: Float32Array): void; end(): Envelopes } {
  const speech = createPowerMeter(frame);
  const sibilance = createPowerMeter(frame);
  const speechBand = createZeroPhase({ sections: buildBand(150, 4000), block: analysisRate, lookahead }, speech.push);
  const sibilantBand = createFilter(buildBand(4000, 7500));
  return {
    push(samples) {
      speechBand.push(samples);
      const high = samples.slice();
      sibilantBand(high);
      sibilance.push(high);
    },
    end() {
      speechBand.end();
      return { speech: smooth(toLevels(speech.end())), sibilance: smooth(toLevels(sibilance.end())) };
    },
  };
}

const buildBand = (lowHz: number, highHz: number) => [
  buildButterworth('highpass', lowHz, analysisRate),
  buildButterworth('lowpass', highHz, analysisRate),
];

const toLevels = (powers: Float32Array) => Int16Array.from(powers, toCentibels);

function smooth(levels: Int16Array): Int16Array {
  const last = levels.length - 1;
  return levels.map((level, index) => Math.round((levels[Math.max(0, index - 1)]! + level + levels[Math.min(last, index + 1)]!) / 3));
}
