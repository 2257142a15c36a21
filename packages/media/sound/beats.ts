import MusicTempo from 'music-tempo';
import type { Beats } from '#contracts/artifacts';
import { buildButterworth, createFilter } from './biquad.ts';

/** The library counts in hops of 441 samples: at another rate its tempo would be wrong. */
export const beatRate = 44_100;
const frame = beatRate / 100;
/** Doubled beats have a weak half: 5.9–7.7 times weaker where measured; real ones differ by 1.35–1.6. */
const doubledRatio = 3;
const fastBpm = 100;
const fewestBeats = 4;
const reachFrames = 4;
const softShare = 0.003;
const bassHz = 150;
export const beatsPerBar = 4;

export const noBeats: Beats = { bpm: null, times_s: [], downbeat: 0, strengths: [] };

/** The pulse of mono samples at 44.1 kHz: beat times, the first beat of the bar, and how hard each beat is struck. */
export function findBeats(samples: Float32Array): Beats {
  const found = listen(samples);
  if (found.length < fewestBeats) return noBeats;
  const onsets = toOnsets(samples);
  const times = halve(found, onsets);
  const low = samples.slice();
  createFilter([buildButterworth('lowpass', bassHz, beatRate)])(low);
  const bass = toOnsets(low);
  const strengths = times.map((time) => strengthAt(onsets, time));
  const highest = Math.max(...strengths, Number.MIN_VALUE);
  return {
    bpm: round((60 * (times.length - 1)) / (times.at(-1)! - times[0]!)),
    times_s: times.map(round),
    downbeat: strongestPhase(times.map((time) => strengthAt(bass, time))),
    strengths: strengths.map((strength) => round(strength / highest)),
  };
}

/** The library throws where it hears no onset at all. */
function listen(samples: Float32Array): number[] {
  try {
    return new MusicTempo(samples).beats.filter((time) => Number.isFinite(time) && time >= 0);
  } catch {
    return [];
  }
}

/** Twice too fast shows in every other beat being weak: only the stronger half stays. */
function halve(times: number[], onsets: Float32Array): number[] {
  const bpm = 60 / median(times.slice(1).map((time, index) => time - times[index]!));
  const halves = [0, 1].map((phase) => times.filter((_, index) => index % 2 === phase));
  const [even, odd] = halves.map((half) => half.reduce((sum, time) => sum + strengthAt(onsets, time), 0) / half.length) as [number, number];
  const isDoubled = bpm > fastBpm && Math.max(even, odd) >= doubledRatio * Math.min(even, odd);
  return isDoubled ? halves[even >= odd ? 0 : 1]! : times;
}

/** Rise of the log energy over 20 ms, per 10 ms; what lies 25 dB below the loudest hardly counts. */
function toOnsets(samples: Float32Array): Float32Array {
  const energies = Float32Array.from({ length: Math.floor(samples.length / frame) }, (_, index) =>
    samples.subarray(index * frame, (index + 1) * frame).reduce((sum, sample) => sum + sample ** 2, 0),
  );
  const floor = Math.max(softShare * energies.reduce((most, energy) => Math.max(most, energy), 0), Number.MIN_VALUE);
  const levels = energies.map((energy) => Math.log1p(energy / floor));
  return levels.map((level, index) => Math.max(0, level - (levels[index - 2] ?? level)));
}

/** The strongest onset within ±40 ms. */
function strengthAt(onsets: Float32Array, timeS: number): number {
  const middle = Math.round(timeS * 100);
  return Math.max(0, ...onsets.subarray(Math.max(0, middle - reachFrames), middle + reachFrames + 1));
}

function strongestPhase(strengths: readonly number[]): number {
  const phases = Array.from({ length: beatsPerBar }, (_, phase) =>
    strengths.reduce((sum, strength, index) => sum + (index % beatsPerBar === phase ? strength : 0), 0),
  );
  return phases.indexOf(Math.max(...phases));
}

const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
const round = (value: number) => Math.round(value * 1000) / 1000;
