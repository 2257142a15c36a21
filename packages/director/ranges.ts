import type { RangeS } from '#contracts/artifacts';
import type { FrameRange } from '#contracts/plan';

export const overlapS = (one: RangeS, other: RangeS): number =>
  Math.max(0, Math.min(one.end_s, other.end_s) - Math.max(one.start_s, other.start_s));

/** `ranges` minus `holes`; what stays beside a hole and is not longer than `sliverS` goes with it. */
export function subtractRanges(ranges: readonly RangeS[], holes: readonly RangeS[], sliverS: number): RangeS[] {
  let rest = [...ranges];
  for (const hole of holes) {
    rest = rest.flatMap((range) => {
      if (overlapS(range, hole) === 0) return [range];
      const parts = [
        { start_s: range.start_s, end_s: Math.min(range.end_s, hole.start_s) },
        { start_s: Math.max(range.start_s, hole.end_s), end_s: range.end_s },
      ];
      return parts.filter((part) => part.end_s - part.start_s > sliverS);
    });
  }
  return rest;
}

/** The parts of a frame range that none of `holes` covers; what else it carries goes with every part. */
export function subtractFrames<T extends FrameRange>(range: T, holes: readonly FrameRange[]): T[] {
  let parts = [range];
  for (const hole of holes) {
    parts = parts
      .flatMap((part) => [
        { ...part, end_frame: Math.min(part.end_frame, hole.start_frame) },
        { ...part, start_frame: Math.max(part.start_frame, hole.end_frame) },
      ])
      .filter((part) => part.end_frame > part.start_frame);
  }
  return parts;
}

/** Sorted ranges made disjoint by letting the earlier one win; what is swallowed goes. */
export function disjointFrames<T extends FrameRange>(ranges: readonly T[]): T[] {
  const result: T[] = [];
  for (const range of ranges) {
    const start_frame = Math.max(range.start_frame, result.at(-1)?.end_frame ?? 0);
    if (range.end_frame > start_frame) result.push({ ...range, start_frame });
  }
  return result;
}

/** What the sorted, disjoint `cuts` leave of 0…frames. */
export function complementFrames(cuts: readonly FrameRange[], frames: number): FrameRange[] {
  const starts = [0, ...cuts.map((cut) => cut.end_frame)];
  const ends = [...cuts.map((cut) => cut.start_frame), frames];
  return starts
    .map((start_frame, index) => ({ start_frame, end_frame: ends[index]! }))
    .filter((range) => range.end_frame > range.start_frame);
}

/** How many frames of a range are kept. */
export const countKept = (keep: readonly FrameRange[], { start_frame, end_frame }: FrameRange): number =>
  keep.reduce((sum, range) => sum + Math.max(0, Math.min(range.end_frame, end_frame) - Math.max(range.start_frame, start_frame)), 0);
