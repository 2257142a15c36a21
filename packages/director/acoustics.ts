import type { AudioSignals, RangeS } from '#contracts/artifacts';

/** What the rules may know about sound: the mask, and hundredths of dB per 10 ms (`audio_signals.envelope`, decoded). */
export interface Acoustics {
  speech: readonly RangeS[];
  envelope: ArrayLike<number>;
}

export interface PauseOptions {
  /** Shorter pauses stay. */
  minSilenceMs: number;
  /** Left beside speech on each side of a removed pause. */
  padMs: number;
  /** A longer pause is shortened to this; 0 = to its pads. */
  maxPauseMs: number;
}

export interface Boundary {
  timeS: number;
  /** Which edge of a word this is. */
  edge: 'start' | 'end';
  /** The facing edge of the neighbour word: the end of the one before a `start`, the start of the one after an `end`. */
  neighbourS: number;
}

export interface Snapped {
  timeS: number;
  /** `none`: nothing audible to hold on to; the caller must treat the boundary as uncertain. */
  by: 'mask' | 'energy' | 'none';
}

const frameS = 0.01;
const minGapS = 0.12;
const maskReachS = 0.15;
const energyReachS = 0.12;
/** Of a filler's edge, on each side. Holds the ±50 ms of a forced alignment and a dip of 40 ms. */
const dipReachS = 0.1;
const dipFrames = 4;
const dipDepth = 900;

/** Pure: what may be removed, in seconds of edit time, sorted and disjoint. Undecided spans count as speech. */
export function pauses(signals: Pick<AudioSignals, 'speech' | 'undecided' | 'duration_s'>, options: PauseOptions): RangeS[] {
  const kept = mergeRanges([...signals.speech, ...signals.undecided]);
  if (kept.length === 0) return [];
  const starts = [0, ...kept.map((range) => range.end_s)];
  const ends = [...kept.map((range) => range.start_s), signals.duration_s];
  return starts.flatMap((start_s, index) => {
    const gap = { start_s, end_s: ends[index]! };
    return shrinkPause(gap, { ...options, first: index === 0, last: index === kept.length });
  });
}

/** Pure: moves a word's edge to where the sound really begins or ends; edges without a gap of 120 ms beside them stay. */
export function snapBoundary(boundary: Boundary, { speech, envelope }: Acoustics): Snapped {
  if (Math.abs(boundary.neighbourS - boundary.timeS) < minGapS) return { timeS: boundary.timeS, by: 'none' };
  const transition = nearestTransition(boundary, speech);
  if (transition !== null) return { timeS: transition, by: 'mask' };
  const minimum = energyMinimum(boundary, envelope);
  return minimum === null ? { timeS: boundary.timeS, by: 'none' } : { timeS: minimum, by: 'energy' };
}

/**
 * Pure: whether a word can be cut without clipping its neighbours: at both of its edges there are 40 ms of pause, or of
 * sound 9 dB below the median of the word beside it. At an end of the recording (`null`) the word itself is the measure.
 */
export function flankedByDips(word: RangeS & { before: RangeS | null; after: RangeS | null }, acoustics: Acoustics): boolean {
  const { before, after, ...self } = word;
  return hasDip(word.start_s, before ?? self, acoustics) && hasDip(word.end_s, after ?? self, acoustics);
}

function shrinkPause(gap: RangeS, options: PauseOptions & { first: boolean; last: boolean }): RangeS[] {
  const { minSilenceMs, padMs, maxPauseMs, first, last } = options;
  if (gap.end_s - gap.start_s < minSilenceMs / 1000) return [];
  const sides = first === last ? 2 : 1;
  const remainS = Math.max(padMs, maxPauseMs / sides) / 1000;
  const start_s = first ? gap.start_s : gap.start_s + remainS;
  const end_s = last ? gap.end_s : gap.end_s - remainS;
  return end_s - start_s > 1e-9 ? [{ start_s, end_s }] : [];
}

function mergeRanges(ranges: RangeS[]): RangeS[] {
  const merged: RangeS[] = [];
  for (const range of ranges.sort((one, other) => one.start_s - other.start_s)) {
    const last = merged.at(-1);
    if (last !== undefined && range.start_s <= last.end_s) last.end_s = Math.max(last.end_s, range.end_s);
    else merged.push({ ...range });
  }
  return merged;
}

function nearestTransition({ timeS, edge }: Boundary, speech: readonly RangeS[]): number | null {
  const times = speech
    .map((range) => (edge === 'start' ? range.start_s : range.end_s))
    .filter((time) => Math.abs(time - timeS) <= maskReachS);
  return times.length === 0 ? null : times.reduce((best, time) => (Math.abs(time - timeS) < Math.abs(best - timeS) ? time : best));
}

/** The lowest frame in reach, when the level rises again on both sides of it and it is not past the middle of the gap. */
function energyMinimum({ timeS, edge, neighbourS }: Boundary, envelope: ArrayLike<number>): number | null {
  const middleS = (timeS + neighbourS) / 2;
  const fromS = edge === 'start' ? Math.max(middleS, timeS - energyReachS) : timeS - energyReachS;
  const toS = edge === 'start' ? timeS + energyReachS : Math.min(middleS, timeS + energyReachS);
  const first = Math.max(0, Math.round(fromS / frameS));
  const last = Math.min(envelope.length - 1, Math.round(toS / frameS));
  let lowest = first;
  for (let index = first; index <= last; index++) if (envelope[index]! < envelope[lowest]!) lowest = index;
  const isValley = lowest > first && lowest < last && envelope[first]! > envelope[lowest]! && envelope[last]! > envelope[lowest]!;
  return isValley ? (lowest + 0.5) * frameS : null;
}

function hasDip(edgeS: number, neighbour: RangeS, { speech, envelope }: Acoustics): boolean {
  const threshold = medianLevel(neighbour, envelope) - dipDepth;
  const first = Math.max(0, Math.round((edgeS - dipReachS) / frameS));
  const last = Math.min(envelope.length, Math.round((edgeS + dipReachS) / frameS));
  let run = 0;
  for (let index = first; index < last; index++) {
    const quiet = envelope[index]! <= threshold || !speech.some((range) => isInside(range, (index + 0.5) * frameS));
    run = quiet ? run + 1 : 0;
    if (run >= dipFrames) return true;
  }
  return false;
}

const isInside = (range: RangeS, timeS: number) => range.start_s <= timeS && timeS < range.end_s;

function medianLevel({ start_s, end_s }: RangeS, envelope: ArrayLike<number>): number {
  const first = Math.round(start_s / frameS);
  const levels = Array.from({ length: Math.max(1, Math.round(end_s / frameS) - first) }, (_, index) => envelope[first + index] ?? -12_000);
  return levels.sort((one, other) => one - other)[levels.length >> 1]!;
}
