import type { FrameRange } from '#contracts/plan';
import { findKeyFrame, toFrames } from '../source/frame-time.ts';
import { countFrames } from './pieces.ts';

/** Kept ranges that are decoded in one go, from a key frame on. */
export interface DecodeRun {
  decode_from: number;
  keep: FrameRange[];
  frames: number;
}

/** Opening the source once more costs as much as decoding a third of this at 1080p. */
const leastSkipS = 1;
/** Each run has a decoder of its own, with its pictures in memory. */
const mostRuns = 8;
/** Fewer may hold no picture that a decoder gives which leaves out those that no other needs. */
const fewestFrames = 24;

/**
 * Splits kept ranges where whole groups between them need not be decoded: at the longest of these gaps, when there are
 * many. `keep` is sorted and not empty.
 */
export function toDecodeRuns(keep: readonly FrameRange[], source: { keyframes: readonly number[]; fps: string }): DecodeRun[] {
  const skips = keep.map(
    ({ start_frame }, index) => findKeyFrame(source.keyframes, start_frame) - (keep[index - 1]?.end_frame ?? start_frame),
  );
  const worthwhile = skips.filter((skip) => skip >= toFrames(leastSkipS, source.fps)).toSorted((a, b) => b - a);
  const least = worthwhile.at(Math.min(worthwhile.length, mostRuns - 1) - 1) ?? Number.POSITIVE_INFINITY;
  const runs: FrameRange[][] = [];
  for (const [index, range] of keep.entries()) {
    const last = runs.at(-1);
    const hasPictures = last && countFrames(last) >= fewestFrames && countFrames(keep.slice(index)) >= fewestFrames;
    if (!last || (hasPictures && runs.length < mostRuns && skips[index]! >= least)) runs.push([range]);
    else last.push(range);
  }
  return runs.map((run) => ({ decode_from: findKeyFrame(source.keyframes, run[0]!.start_frame), keep: run, frames: countFrames(run) }));
}
