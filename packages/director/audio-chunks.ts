import type { RangeS } from '#contracts/artifacts';

/** A stretch of sound to be written down; neighbours overlap around the cut between them. */
export interface AudioChunk extends RangeS {
  /** Where it gives way to the next one; the end of the sound for the last. */
  cutS: number;
}

/** Times of longer stretches drift; shorter ones cost more questions. */
export const chunkS = 300;
const overlapS = 10;
/** How far a cut may move to find a silence: no stretch is longer than eight minutes. */
const reachS = 60;

/** Stretches of about five minutes, cut in the middle of the longest silence near by, with five seconds of each other. */
export function planAudioChunks(speech: readonly RangeS[], durationS: number): AudioChunk[] {
  const count = countChunks(durationS);
  const cuts = Array.from({ length: count - 1 }, (_, index) => findCut(speech, ((index + 1) * durationS) / count));
  const ends = [...cuts, durationS];
  return ends.map((cutS, index) => ({
    start_s: Math.max(0, (cuts[index - 1] ?? 0) - overlapS / 2),
    end_s: Math.min(durationS, cutS + overlapS / 2),
    cutS,
  }));
}

export const countChunks = (durationS: number): number => Math.max(1, Math.round(durationS / chunkS));

function findCut(speech: readonly RangeS[], wantedS: number): number {
  const gaps = speech.slice(1).map((range, index) => ({ start_s: speech[index]!.end_s, end_s: range.start_s }));
  const near = gaps.filter((gap) => Math.abs(middleOf(gap) - wantedS) <= reachS);
  if (near.length === 0) return wantedS;
  return middleOf(near.reduce((best, gap) => (lengthOf(gap) > lengthOf(best) ? gap : best)));
}

const middleOf = ({ start_s, end_s }: RangeS) => (start_s + end_s) / 2;
const lengthOf = ({ start_s, end_s }: RangeS) => end_s - start_s;
