import type { FrameRange } from '#contracts/plan';

/** Where each kept range begins on the grid of the output: `starts[i]` frames of output stand before `keep[i]`. */
export interface EditMap {
  keep: readonly FrameRange[];
  starts: readonly number[];
  /** Frames of the output. */
  frames: number;
}

/** From a sorted, disjoint keep list. All look-ups are O(log n). */
export function buildEditMap(keep: readonly FrameRange[]): EditMap {
  const starts: number[] = [];
  let frames = 0;
  for (const range of keep) {
    starts.push(frames);
    frames += range.end_frame - range.start_frame;
  }
  return { keep, starts, frames };
}

/** Output frame that shows this source frame, or null when it was cut. */
export function toOutputFrame(map: EditMap, sourceFrame: number): number | null {
  const index = lastAtOrBefore(map.keep.length, (i) => map.keep[i]!.start_frame <= sourceFrame);
  if (index < 0 || sourceFrame >= map.keep[index]!.end_frame) return null;
  return map.starts[index]! + sourceFrame - map.keep[index]!.start_frame;
}

/** The same, but a cut frame moves on to the next kept one; null when none follows. */
export function toNextOutputFrame(map: EditMap, sourceFrame: number): number | null {
  const index = lastAtOrBefore(map.keep.length, (i) => map.keep[i]!.start_frame <= sourceFrame);
  if (index >= 0 && sourceFrame < map.keep[index]!.end_frame) return toOutputFrame(map, sourceFrame);
  return map.starts[index + 1] ?? null;
}

/** Source frame shown at this output frame; null outside the output. */
export function toSourceFrame(map: EditMap, outputFrame: number): number | null {
  if (outputFrame < 0 || outputFrame >= map.frames) return null;
  const index = lastAtOrBefore(map.keep.length, (i) => map.starts[i]! <= outputFrame);
  return map.keep[index]!.start_frame + outputFrame - map.starts[index]!;
}

/** Seconds of source → seconds of output, continuous and never falling: a moment inside a cut becomes its join. */
export function toOutputS(map: EditMap, sourceS: number, fps: number): number {
  const at = sourceS * fps;
  const index = lastAtOrBefore(map.keep.length, (i) => map.keep[i]!.start_frame <= at);
  if (index < 0) return 0;
  const range = map.keep[index]!;
  return (map.starts[index]! + Math.min(at, range.end_frame) - range.start_frame) / fps;
}

/** Seconds of output → seconds of source: what is shown at that moment. */
export function toSourceS(map: EditMap, outputS: number, fps: number): number {
  const at = outputS * fps;
  const index = Math.max(
    0,
    lastAtOrBefore(map.keep.length, (i) => map.starts[i]! <= at),
  );
  return (map.keep[index]!.start_frame + at - map.starts[index]!) / fps;
}

/** Last index of a run of `true` that starts at 0, or −1. */
function lastAtOrBefore(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
