import type { FrameRange } from '#contracts/plan';

/** What is kept of one segment of the source, and where it begins in the output. */
export interface Piece {
  keep: FrameRange[];
  frames: number;
  firstFrame: number;
}

/** A piece shorter than this has no reorder delay of its own, which breaks the order of decode times at the joins. */
const fewestFrames = 8;

/**
 * Kept ranges by segment. A segment that keeps nothing gives no piece; one that keeps almost nothing joins the piece
 * before it (the first: the one after).
 */
export function planPieces(keep: readonly FrameRange[], segments: readonly FrameRange[]): Piece[] {
  const groups: FrameRange[][] = [];
  for (const segment of segments) {
    const group = intersect(keep, segment);
    if (group.length === 0) continue;
    const last = groups.at(-1);
    if (last && Math.min(countFrames(group), countFrames(last)) < fewestFrames) groups[groups.length - 1] = joinRanges([...last, ...group]);
    else groups.push(group);
  }
  return placeGroups(groups);
}

export function countFrames(keep: readonly FrameRange[]): number {
  return keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
}

function placeGroups(groups: readonly FrameRange[][]): Piece[] {
  let firstFrame = 0;
  return groups.map((keep) => {
    const piece = { keep, frames: countFrames(keep), firstFrame };
    firstFrame += piece.frames;
    return piece;
  });
}

/** The parts of sorted ranges that lie inside `bounds`. */
export function intersect(ranges: readonly FrameRange[], bounds: FrameRange): FrameRange[] {
  return ranges
    .map(({ start_frame, end_frame }) => ({
      start_frame: Math.max(start_frame, bounds.start_frame),
      end_frame: Math.min(end_frame, bounds.end_frame),
    }))
    .filter(({ start_frame, end_frame }) => start_frame < end_frame);
}

/** Ranges that touch become one. */
export function joinRanges(ranges: readonly FrameRange[]): FrameRange[] {
  const joined: FrameRange[] = [];
  for (const range of ranges) {
    const last = joined.at(-1);
    if (last?.end_frame === range.start_frame) joined[joined.length - 1] = { ...last, end_frame: range.end_frame };
    else joined.push(range);
  }
  return joined;
}
