import { setImmediate } from 'node:timers/promises';
import type { AudioSignals } from '#contracts/artifacts';
import type { Facts } from '#contracts/footage';
import type { MediaTools, RunOptions } from '../ffmpeg.ts';
import { analysisRate, createEnvelopeMeter } from './envelope.ts';
import { parseLoudness } from './loudness.ts';
import { createNoiseMeter, measureSpread } from './noise.ts';
import { decodePcm } from './pcm.ts';
import { findSpeech } from './silence.ts';

export interface AudioAnalysis {
  signals: Omit<AudioSignals, 'envelope'>;
  /** Hundredths of dB per 10 ms, to be stored as little-endian int16; null without sound. */
  envelope: Int16Array | null;
}

export interface AudioSource {
  path: string;
  facts: Pick<Facts, 'container' | 'audio' | 'video'>;
  /** Of the picture: frames / fps. */
  durationS: number;
}

type AnalysisOptions = Pick<RunOptions, 'cwd' | 'signal'> & { onProgress?: (fraction: number) => void };

/** Listens to the upload once: where speech is, how loud it is, how noisy. Memory grows by 24 bytes per 10 ms of sound. */
export async function analyzeAudio(source: AudioSource, tools: Pick<MediaTools, 'run'>, options: AnalysisOptions): Promise<AudioAnalysis> {
  if (source.facts.audio === null) return { signals: withoutSound(source.durationS), envelope: null };
  const levels = createEnvelopeMeter();
  const noise = createNoiseMeter();
  const samples = Math.round(source.durationS * analysisRate);
  const spec = { path: source.path, facts: source.facts, sampleRate: analysisRate, channels: 1 as const, samples, measure: true };
  const run = await decodePcm(spec, tools, {
    ...options,
    onBlock: (block) => {
      levels.push(block);
      noise.push(block);
    },
  });
  const estimate = noise.end();
  await setImmediate(); // an hour of sound takes about 90 ms for each of the two: no longer than that in one turn
  const envelopes = levels.end();
  const mask = findSpeech(envelopes);
  const loudness = parseLoudness(run.stderr);
  return {
    signals: {
      present: true,
      ...mask,
      loudness: { integrated_lufs: loudness.integratedLufs, range_lu: loudness.rangeLu, true_peak_dbtp: loudness.truePeakDbtp },
      noise: { ...estimate, spread_db: measureSpread(envelopes.speech, mask.speech) },
      duration_s: source.durationS,
    },
    envelope: envelopes.speech,
  };
}

const withoutSound = (duration_s: number): AudioAnalysis['signals'] => ({
  present: false,
  speech: [],
  undecided: [],
  loudness: { integrated_lufs: null, range_lu: 0, true_peak_dbtp: null },
  noise: { estimated_snr_db: null, rumble_db: 0, spread_db: null },
  duration_s,
});
