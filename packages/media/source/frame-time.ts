import { parseRational } from '#contracts/rational';

/** Where a video's frame 0 lies and how far its frames are apart. */
export interface FrameGrid {
  fps: string;
  /** First frame, in seconds after the container's start. */
  start_s: number;
}

/** A place to begin decoding, and how frames are recognised after it. */
export interface DecodeStart {
  /** Options before the input. */
  options: string[];
  /** What filters see as the time of a frame, in seconds; frames before the start have times below zero. */
  toFilterS: (frame: number) => number;
}

/**
 * Begins at a key frame, without decoding the group before it and without ffmpeg's own trimming: a seek to half a
 * frame after the key frame lands on it whether the container is indexed by decode or by presentation time, and the
 * pictures wanted are then told by their time. Counting pictures from an exact seek fails on open GOPs: the leading
 * pictures of a group are lost with the group before.
 */
export function startAtKeyFrame(grid: FrameGrid, keyFrame: number): DecodeStart {
  const seekS = keyFrame === 0 ? 0 : Number((grid.start_s + toSeconds(keyFrame + 0.5, grid.fps)).toFixed(6));
  return {
    options: seekS === 0 ? [] : ['-noaccurate_seek', '-ss', seekS.toFixed(6)],
    toFilterS: (frame) => grid.start_s + toSeconds(frame, grid.fps) - seekS,
  };
}

/** The key frame that a frame's decoding begins with; 0 before the first. */
export function findKeyFrame(keyframes: readonly number[], frame: number): number {
  return keyframes.findLast((key) => key <= frame) ?? 0;
}

/** A number of frames as seconds. */
export function toSeconds(frames: number, fps: string): number {
  const { num, den } = parseRational(fps);
  return (frames * den) / num;
}

/** Seconds as the nearest whole number of frames. */
export function toFrames(seconds: number, fps: string): number {
  const { num, den } = parseRational(fps);
  return Math.round((seconds * num) / den);
}
