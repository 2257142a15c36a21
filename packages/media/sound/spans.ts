import type { FrameRange } from '#contracts/plan';
import { sampleAt } from './sample-grid.ts';

/** One kept stretch with the half-fades it borrows from beyond its cuts; all in samples per channel. */
export interface Span {
  sourceStart: number;
  outputStart: number;
  length: number;
  fadeIn: number;
  fadeOut: number;
}

/** Half of the 10 ms crossfade: what each side lends from beyond the cut. */
const halfFadeS = 0.005;

/** Pure: keeps → spans. Every boundary is S(f) of an absolute frame, so errors of rounding never add up. */
export function buildSpans(keep: readonly FrameRange[], grid: { sampleRate: number; fps: string }): { spans: Span[]; samples: number } {
  const kept = mergeTouching(keep);
  const edges = outputFrames(kept).map((frame) => sampleAt(frame, grid));
  const lengths = kept.map((_, index) => edges[index + 1]! - edges[index]!);
  const half = Math.round(halfFadeS * grid.sampleRate);
  const fadeAt = (join: number) => (join === 0 || join === kept.length ? 0 : Math.min(half, lengths[join - 1]! >> 1, lengths[join]! >> 1));
  const spans = kept.map((range, index) => {
    const before = fadeAt(index);
    const after = fadeAt(index + 1);
    return {
      sourceStart: sampleAt(range.start_frame, grid) - before,
      outputStart: edges[index]! - before,
      length: before + lengths[index]! + after,
      fadeIn: 2 * before,
      fadeOut: 2 * after,
    };
  });
  return { spans, samples: edges.at(-1)! };
}

/** Where each keep begins in the output, and where the last one ends. */
function outputFrames(keep: readonly FrameRange[]): number[] {
  const frames = [0];
  for (const range of keep) frames.push(frames.at(-1)! + range.end_frame - range.start_frame);
  return frames;
}

/** Keeps without a cut between them play on: a crossfade there would only add 3 dB. */
function mergeTouching(keep: readonly FrameRange[]): FrameRange[] {
  const merged: FrameRange[] = [];
  for (const range of keep) {
    const last = merged.at(-1);
    if (last?.end_frame === range.start_frame) last.end_frame = range.end_frame;
    else merged.push({ ...range });
  }
  return merged;
}
