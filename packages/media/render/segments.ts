import type { FrameRange } from '#contracts/plan';
import { toFrames } from '../source/frame-time.ts';

export interface SegmentInput {
  frames: number;
  fps: string;
  keyframes: readonly number[];
  scenes: readonly number[];
}

/** 16 s keeps the cost of an own key frame and rate control per piece inside ±4 % of one pass; 24 s bounds what a moved cut costs again. */
const shortestS = 16;
const idealS = 20;
const longestS = 24;
/** A last segment below this joins the one before. */
const shortestTailS = 8;
/** A key frame this near to a scene change counts as lying on it. */
const sceneReachS = 0.5;

/**
 * Fixed segments of the source that cover every frame once. They depend on the source alone, so that an edit changes
 * the pieces it touches and no other. Boundaries lie on key frames where there are any (no picture is decoded twice),
 * at scene changes when one is in reach.
 */
export function segmentSource(input: SegmentInput): FrameRange[] {
  const starts = [0];
  for (let start = 0; input.frames - start > toFrames(longestS, input.fps); ) {
    start = findBoundary(input, start);
    if (input.frames - start < toFrames(shortestTailS, input.fps)) break;
    starts.push(start);
  }
  return starts.map((start_frame, index) => ({ start_frame, end_frame: starts[index + 1] ?? input.frames }));
}

function findBoundary({ fps, keyframes, scenes }: SegmentInput, start: number): number {
  const from = start + toFrames(shortestS, fps);
  const to = start + toFrames(longestS, fps);
  const ideal = start + toFrames(idealS, fps);
  const inWindow = (frame: number) => frame >= from && frame <= to;
  const keys = keyframes.filter(inWindow);
  const reach = toFrames(sceneReachS, fps);
  const keysAtScenes = keys.filter((key) => scenes.some((scene) => Math.abs(scene - key) <= reach));
  return nearest(keysAtScenes, ideal) ?? nearest(keys, ideal) ?? nearest(scenes.filter(inWindow), ideal) ?? ideal;
}

function nearest(frames: readonly number[], ideal: number): number | undefined {
  return frames.reduce<number | undefined>(
    (best, frame) => (best === undefined || Math.abs(frame - ideal) < Math.abs(best - ideal) ? frame : best),
    undefined,
  );
}
