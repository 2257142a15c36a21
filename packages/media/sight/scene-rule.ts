/** Small gray pictures that scene logic reads: 64×36, one byte a pixel. */
export const thumbWidth = 64;
export const thumbHeight = 36;
export const thumbBytes = thumbWidth * thumbHeight;

/** Mean change of a pixel in percent of full range that a cut reaches at least. */
const leastChange = 8;
/** A cut stands out of its neighbourhood by this factor: pans and shaking hands change every frame. */
const prominence = 3;
const neighbours = 5;
const quietest = 0.5;
/** A picture that comes back within this many frames was a flash. */
const flashFrames = 6;
const flashLikeness = 0.5;
const fadeFrames = 8;
/** Mean level in percent of range that counts as black. */
const blackLevel = 8;

/** How many frames around a frame decide about it. */
export const ruleReach = 32;

/** Mean absolute difference of two thumbnails in percent of full range. */
export function differenceOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return (sum * 100) / (255 * a.length);
}

/** First frames of new scenes among consecutive thumbnails: hard cuts, and fades through black at their darkest frame. */
export function findCuts(thumbs: readonly Uint8Array[]): number[] {
  const change = thumbs.map((thumb, i) => (i === 0 ? 0 : differenceOf(thumbs[i - 1]!, thumb)));
  const cuts = change.flatMap((_, i) => (standsOut(change, i) && !isFlash(thumbs, { at: i, change: change[i]! }) ? [i] : []));
  const hard = keepLargest(cuts, change);
  const fades = findFades(thumbs).filter((fade) => hard.every((cut) => Math.abs(cut - fade) > fadeFrames));
  return [...hard, ...fades].sort((a, b) => a - b);
}

function standsOut(change: readonly number[], i: number): boolean {
  if (change[i]! < leastChange) return false;
  const around = [...change.slice(Math.max(1, i - neighbours), i), ...change.slice(i + 1, i + 1 + neighbours)];
  return change[i]! >= prominence * Math.max(medianOf(around), quietest);
}

function isFlash(thumbs: readonly Uint8Array[], { at, change }: { at: number; change: number }): boolean {
  const returnsTo = (picture: Uint8Array | undefined, others: readonly Uint8Array[]) =>
    picture !== undefined && others.some((other) => differenceOf(picture, other) < flashLikeness * change);
  const after = thumbs.slice(at + 1, at + 1 + flashFrames);
  const before = thumbs.slice(Math.max(0, at - 1 - flashFrames), Math.max(0, at - 1));
  return returnsTo(thumbs[at - 1], after) || returnsTo(thumbs[at], before);
}

/** Of candidates closer than a flash only the largest. */
function keepLargest(cuts: readonly number[], change: readonly number[]): number[] {
  const kept: number[] = [];
  for (const cut of cuts) {
    const last = kept.at(-1);
    if (last === undefined || cut - last >= flashFrames) kept.push(cut);
    else if (change[cut]! > change[last]!) kept[kept.length - 1] = cut;
  }
  return kept;
}

/** Darkest frames of runs in which the picture falls into black and rises out of it. */
function findFades(thumbs: readonly Uint8Array[]): number[] {
  const levels = thumbs.map(meanLevel);
  const backwards = levels.toReversed();
  const fades: number[] = [];
  for (let at = 0; at < levels.length; ) {
    const end = endOfDark(levels, at);
    if (end > at) {
      const darkest = levels.slice(at, end).reduce((best, level, i, dark) => (level < dark[best]! ? i : best), 0) + at;
      if (fallsInto(levels, at) && fallsInto(backwards, levels.length - end)) fades.push(darkest);
    }
    at = Math.max(end, at + 1);
  }
  return fades;
}

function endOfDark(levels: readonly number[], from: number): number {
  let end = from;
  while (end < levels.length && levels[end]! < blackLevel) end++;
  return end;
}

/** The level falls, frame by frame, over enough frames to where darkness begins. */
function fallsInto(levels: readonly number[], start: number): boolean {
  if (start < fadeFrames) return false;
  for (let i = start - fadeFrames + 1; i <= start; i++) if (levels[i]! > levels[i - 1]! + 0.2) return false;
  return levels[start - fadeFrames]! > blackLevel + 4;
}

function meanLevel(thumb: Uint8Array): number {
  let sum = 0;
  for (const level of thumb) sum += level;
  return (sum * 100) / (255 * thumb.length);
}

function medianOf(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
