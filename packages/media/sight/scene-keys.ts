import type { FrameRange } from '#contracts/plan';
import { toFrames } from '../source/frame-time.ts';
import { differenceOf } from './scene-rule.ts';
import type { ScannedVideo } from './scene-scan.ts';
import type { SecondLook } from './second-look.ts';

/** What key frames alone say, and where to look picture by picture. */
export interface CloseLook extends SecondLook {
  /** Key frames taken for the first of a scene without a look. */
  assumed: number[];
}

interface Gap {
  from: number;
  /** The key frame that ends the group. */
  to: number;
  change: number;
  early: boolean;
}

/** Key frames of one scene may differ by motion; those of two differ by more, in percent of full range. */
const suspiciousChange = 7;
const clearChange = 12;
/** A group shorter than this share of the usual length was ended by the encoder on purpose. */
const earlyShare = 0.9;
const largestSpanShare = 0.12;
const largestStillShare = 0.04;
/** One process opens at most this many places: files are limited to 64. */
const mostPlaces = 24;
const enoughCalmKeys = 5;
const mostStills = 10;
const stillDelayS = 0.7;
/** Frames of the next group that the flash test needs. */
export const tailFrames = 8;

/**
 * Groups whose ends differ hold a scene change. They are decoded as far as the share allows: first those that give no
 * hint of the place, most different first, then those that the encoder ended early, which is where it saw the change
 * (or the middle of a fade). Of the latter, what is not decoded counts as changing at the key frame.
 */
export function planCloseLook(keys: readonly Uint8Array[], video: ScannedVideo): CloseLook {
  const gaps = toGaps(keys, video).filter(({ change }) => change >= suspiciousChange);
  const doubtful = gaps.filter((gap) => !isMarked(gap)).sort((a, b) => b.change - a.change);
  const marked = gaps.filter(isMarked).sort((a, b) => a.change - b.change);
  let left = Math.floor(video.frames * largestSpanShare);
  const looked = new Set<Gap>();
  for (const gap of [...doubtful, ...marked]) {
    if (gap.to - gap.from > left) continue;
    left -= gap.to - gap.from;
    looked.add(gap);
  }
  const unseen = marked.filter((gap) => !looked.has(gap));
  const spans = joinSpans([...looked].sort((a, b) => b.change - a.change).slice(0, mostPlaces), video.frames);
  return { assumed: unseen.map(({ to }) => to), spans, stills: pickStills(keys, video) };
}

/** In order, each once. */
export function toSceneList(scenes: readonly number[], { frames }: ScannedVideo): number[] {
  return [...new Set(scenes)].filter((scene) => scene > 0 && scene < frames).sort((a, b) => a - b);
}

/** Frames well after a key frame, spread over the longer groups; none when enough key frames lie inside scenes. */
function pickStills(keys: readonly Uint8Array[], video: ScannedVideo): number[] {
  const gaps = toGaps(keys, video);
  if (gaps.filter((gap) => !isMarked(gap)).length >= enoughCalmKeys) return [];
  const delay = toFrames(stillDelayS, video.fps);
  const roomy = gaps.filter(({ from, to }) => to - from >= 2 * delay);
  const most = Math.min(mostStills, roomy.length, Math.floor((video.frames * largestStillShare) / delay));
  const step = Math.max(1, roomy.length / most);
  return Array.from({ length: most }, (_, index) => roomy[Math.floor(index * step)]!.from + delay);
}

function isMarked({ early, change }: Gap): boolean {
  return early && change >= clearChange;
}

function toGaps(keys: readonly Uint8Array[], { keyframes }: ScannedVideo): Gap[] {
  const lengths = keyframes.slice(1).map((key, index) => key - keyframes[index]!);
  const usual = Math.max(...lengths);
  return lengths.map((length, index) => ({
    from: keyframes[index]!,
    to: keyframes[index + 1]!,
    change: differenceOf(keys[index]!, keys[index + 1]!),
    early: length < usual * earlyShare && !comesBack(keys, index),
  }));
}

/** The picture before the group's end is there again one key frame later, or was there one earlier: a flash, not a scene. */
function comesBack(keys: readonly Uint8Array[], index: number): boolean {
  const change = differenceOf(keys[index]!, keys[index + 1]!);
  const alike = (a: Uint8Array | undefined, b: Uint8Array | undefined) => a && b && differenceOf(a, b) < change / 2;
  return Boolean(alike(keys[index], keys[index + 2]) || alike(keys[index - 1], keys[index + 1]));
}

/** Neighbouring groups are decoded in one run. */
function joinSpans(gaps: readonly Gap[], frames: number): FrameRange[] {
  const spans: FrameRange[] = [];
  for (const { from, to } of gaps.toSorted((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    const end_frame = Math.min(frames, to + tailFrames);
    if (last && last.end_frame >= from) last.end_frame = end_frame;
    else spans.push({ start_frame: from, end_frame });
  }
  return spans;
}
