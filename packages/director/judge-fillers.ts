import type { RangeS } from '#contracts/artifacts';
import { type Acoustics, flankedByDips, type Snapped, snapBoundary } from './acoustics.ts';
import type { FillerCandidate } from './fillers.ts';
import type { TranscriptWord } from './transcript.ts';

/** A filler with its span in the sound, and why it is left standing; `doubt` null = it can go. */
export interface JudgedFiller extends RangeS {
  kind: FillerCandidate['kind'];
  text: string;
  /** The quiet on each side in which the edit may fall: end of the word before, start of the word after. */
  free: RangeS;
  confidence: number;
  doubt: string | null;
}

export interface JudgeContext {
  words: readonly TranscriptWord[];
  /** Mask with undecided spans counted as sound; null without sound. */
  acoustics: Acoustics | null;
  undecided: readonly RangeS[];
  durationS: number;
}

/** Moves a candidate's edges to the sound and asks whether cutting there clips a neighbour. */
export function judgeFiller(candidate: FillerCandidate, context: JudgeContext): JudgedFiller {
  const { words, durationS, acoustics } = context;
  const before = words[candidate.first - 1] ?? null;
  const after = words[candidate.last + 1] ?? null;
  const spoken = { start_s: words[candidate.first]!.start_s, end_s: words[candidate.last]!.end_s };
  const free = { start_s: before?.end_s ?? 0, end_s: after?.start_s ?? durationS };
  const edges = acoustics === null ? null : snapEdges(spoken, { free, acoustics });
  const range = edges === null ? spoken : { start_s: edges.start.timeS, end_s: edges.end.timeS };
  return {
    kind: candidate.kind,
    text: textOf(candidate, words),
    ...(candidate.kind === 'repeat' ? { ...range, end_s: free.end_s } : range),
    free: { start_s: Math.min(free.start_s, range.start_s), end_s: Math.max(free.end_s, range.end_s) },
    confidence: edges === null ? 0.3 : Math.min(confidenceBy[edges.start.by], confidenceBy[edges.end.by]),
    doubt: doubtAbout({ candidate, range, before, after }, context),
  };
}

/** Starting values, not calibrated against labels. */
const confidenceBy = { mask: 0.97, energy: 0.9, none: 0.8 } as const;

function snapEdges(spoken: RangeS, { free, acoustics }: { free: RangeS; acoustics: Acoustics }): { start: Snapped; end: Snapped } {
  return {
    start: snapBoundary({ timeS: spoken.start_s, edge: 'start', neighbourS: free.start_s }, acoustics),
    end: snapBoundary({ timeS: spoken.end_s, edge: 'end', neighbourS: free.end_s }, acoustics),
  };
}

interface Case {
  candidate: FillerCandidate;
  range: RangeS;
  before: TranscriptWord | null;
  after: TranscriptWord | null;
}

function doubtAbout({ candidate, range, before, after }: Case, { words, acoustics, undecided }: JudgeContext): string | null {
  if (candidate.kind === 'soft') return 'it may carry meaning here';
  if (acoustics === null) return 'there is no sound to check it against';
  if (undecided.some((span) => overlaps(span, range))) return 'speech and background cannot be told apart here';
  if (words.slice(candidate.first, candidate.last + 1).some((word) => word.interpolated)) return 'its time is an estimate';
  if (range.end_s - range.start_s < minFillerS) return 'it is too short to cut';
  if (!flankedByDips({ ...range, before, after }, acoustics)) return 'there is no pause beside it';
  return null;
}

/** Under three frames of envelope nothing is left to cut. */
const minFillerS = 0.03;
const overlaps = (one: RangeS, other: RangeS) => one.start_s < other.end_s && other.start_s < one.end_s;

function textOf({ first, last }: FillerCandidate, words: readonly TranscriptWord[]): string {
  return words
    .slice(first, last + 1)
    .map((word) => word.text)
    .join(' ');
}
