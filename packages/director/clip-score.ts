import type { ClipMaterial, ClipUnit } from './clip-material.ts';
import type { ClipWindow } from './clip-windows.ts';
import { normalize } from './fillers.ts';
import { countHooks } from './hooks.ts';
import { isContentWord, stem } from './keywords.ts';

/** The four sides of the rubric, 0–1 each. */
export interface ClipMerits {
  hook: number;
  engagement: number;
  value: number;
  shareability: number;
}

export interface ScoredWindow extends ClipWindow {
  merits: ClipMerits;
}

/**
 * The offline score; starting values, not measured on viewers. Hook: question, number or superlative in the first three
 * seconds. Engagement: how far its liveliest seconds rise above the edit's usual level. Value: how much that is said
 * rarely is said in it, per second. Shareability: pace, at a length people watch to the end.
 */
export function scoreWindows(windows: readonly ClipWindow[], units: readonly ClipUnit[], material: ClipMaterial): ScoredWindow[] {
  const usualDb = median(material.levelsDb);
  const weightOf = toRarity(units);
  const densities = windows.map((window) => densityOf(window, { units, weightOf, fps: material.fps }));
  const highest = Math.max(...densities, Number.MIN_VALUE);
  return windows.map((window, index) => ({
    ...window,
    merits: {
      hook: hookOf(window, { units, material, usualDb }),
      engagement: riseOf(levelsOf(window, material), usualDb),
      value: densities[index]! / highest,
      shareability: paceOf(window, { units, fps: material.fps }) * lengthMerit((window.endFrame - window.startFrame) / material.fps),
    },
  }));
}

/** Pure: what windows are compared by, 0–1. */
export const rankOf = ({ hook, engagement, value, shareability }: ClipMerits): number =>
  0.35 * hook + 0.25 * engagement + 0.2 * value + 0.2 * shareability;

const hookS = 3;
const hookMerits = [0, 0.6, 0.85, 1] as const;
/** A voice raised for a moment is about this much louder. */
const riseDb = 6;
const slowWordsPerS = 1;
const quickWordsPerS = 3;
const idealS = { from: 25, to: 50 } as const;

/** Without words an opening that is louder than usual stands in. */
function hookOf(
  window: ClipWindow,
  { units, material, usualDb }: { units: readonly ClipUnit[]; material: ClipMaterial; usualDb: number },
): number {
  const said = units.slice(window.first, window.last + 1).flatMap(({ words }) => words);
  if (said.length === 0) return riseOf(levelsOf(window, material).slice(0, hookS), usualDb);
  const untilS = units[window.first]!.startS + hookS;
  const opening = said.filter((word) => word.start_s < untilS).map((word) => word.text);
  return hookMerits[Math.min(3, countHooks(opening.join(' ')))]!;
}

const levelsOf = ({ startFrame, endFrame }: ClipWindow, { levelsDb, fps }: ClipMaterial): number[] =>
  levelsDb.slice(Math.floor(startFrame / fps), Math.ceil(endFrame / fps));

function riseOf(levelsDb: readonly number[], usualDb: number): number {
  const sorted = levelsDb.toSorted((one, other) => one - other);
  const lively = sorted[Math.floor(0.9 * (sorted.length - 1))];
  return lively === undefined ? 0 : clamp((lively - usualDb) / riseDb);
}

/** Inverse document frequency of a stem, a unit being a document. */
function toRarity(units: readonly ClipUnit[]): (stemmed: string) => number {
  const counts = new Map<string, number>();
  for (const unit of units) for (const one of stemsOf(unit)) counts.set(one, (counts.get(one) ?? 0) + 1);
  return (stemmed) => Math.log((1 + units.length) / (counts.get(stemmed) ?? 1));
}

function densityOf(
  window: ClipWindow,
  { units, weightOf, fps }: { units: readonly ClipUnit[]; weightOf: (stemmed: string) => number; fps: number },
): number {
  const stems = new Set(units.slice(window.first, window.last + 1).flatMap((unit) => [...stemsOf(unit)]));
  return ([...stems].reduce((sum, one) => sum + weightOf(one), 0) * fps) / (window.endFrame - window.startFrame);
}

const known = new WeakMap<ClipUnit, ReadonlySet<string>>();

/** A unit lies in many windows; its stems are found once. */
function stemsOf(unit: ClipUnit): ReadonlySet<string> {
  const found = known.get(unit);
  if (found) return found;
  const stems = new Set(
    unit.words
      .map((word) => normalize(word.text))
      .filter(isContentWord)
      .map(stem),
  );
  known.set(unit, stems);
  return stems;
}

/** 1 where nothing is said: then only the length counts. */
function paceOf({ first, last, startFrame, endFrame }: ClipWindow, { units, fps }: { units: readonly ClipUnit[]; fps: number }): number {
  const words = units.slice(first, last + 1).reduce((sum, unit) => sum + unit.words.length, 0);
  if (words === 0) return 1;
  const perSecond = (words * fps) / (endFrame - startFrame);
  return clamp((perSecond - slowWordsPerS) / (quickWordsPerS - slowWordsPerS));
}

/** 1 at the ideal lengths, half at the limits. */
function lengthMerit(seconds: number): number {
  const missing = Math.max(idealS.from - seconds, seconds - idealS.to, 0);
  return clamp(1 - missing / 20);
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const median = (values: readonly number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;
