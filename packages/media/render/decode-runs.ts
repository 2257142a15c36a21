import type { VideoFacts } from '#contracts/footage';
import type { FrameRange } from '#contracts/plan';
import { decodersAtOnce } from '../decoders.ts';
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
/** Beyond this, the gaps that are left are hardly worth their start. */
const mostRuns = 8;
/** Fewer may hold no picture that a decoder gives which leaves out those that no other needs. */
const fewestFrames = 24;

/**
 * Splits kept ranges where whole groups between them need not be decoded: at the longest of these gaps, when there are
 * many. `keep` is sorted and not empty.
 */
export function toDecodeRuns(keep: readonly FrameRange[], source: Pick<VideoFacts, 'keyframes' | 'fps' | 'width' | 'height'>): DecodeRun[] {
  const most = Math.min(mostRuns, decodersAtOnce(source));
  const skips = keep.map(
    ({ start_frame }, index) => findKeyFrame(source.keyframes, start_frame) - (keep[index - 1]?.end_frame ?? start_frame),
  );
  const worthwhile = skips.filter((skip) => skip >= toFrames(leastSkipS, source.fps)).toSorted((a, b) => b - a);
  const least = worthwhile.at(Math.min(worthwhile.length, most - 1) - 1) ?? Number.POSITIVE_INFINITY;
  const runs: FrameRange[][] = [];
  for (const [index, range] of keep.entries()) {
    const last = runs.at(-1);
    const isWorthIt = skips[index]! >= least && runs.length < most;
    const hasPictures = (run: readonly FrameRange[]) => countFrames(run) >= fewestFrames;
    if (!last || (isWorthIt && hasPictures(last) && hasPictures(keep.slice(index)))) runs.push([range]);
    else last.push(range);
  }
  return runs.map((run) => ({ decode_from: findKeyFrame(source.keyframes, run[0]!.start_frame), keep: run, frames: countFrames(run) }));
}
