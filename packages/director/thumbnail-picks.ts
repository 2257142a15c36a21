import type { ScoredFrame } from '#contracts/artifacts';
import type { FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';

export interface PickInput {
  keep: readonly FrameRange[];
  scenes: readonly number[];
  fps: string;
  count: number;
}

interface Rule {
  /** Distance from every cut and scene change: pixels cannot see a dissolve, timing can. */
  marginS: number;
  /** Bits of 64 in which the difference hashes of two picks differ at least. */
  hashDistance: number;
  spacingS: number;
}

/** Tried in turn until there are enough picks; a talking head has no ten different bits in an hour. */
const rules: readonly Rule[] = [
  { marginS: 0.5, hashDistance: 10, spacingS: 1 },
  { marginS: 0.5, hashDistance: 5, spacingS: 3 },
  { marginS: 0.5, hashDistance: 0, spacingS: 3 },
  { marginS: 0.2, hashDistance: 0, spacingS: 1 },
];

/**
 * Best-scored frames that the edit keeps, unlike each other and away from every cut and scene change; best first.
 * Fewer than `count` when there are no more; the middle of the longest kept range when there is none at all.
 */
export function pickThumbnails(candidates: readonly ScoredFrame[], input: PickInput): { frame: number; score: number }[] {
  const byScore = candidates.toSorted((a, b) => b.score - a.score || a.frame - b.frame);
  const picks: ScoredFrame[] = [];
  for (const rule of rules) {
    for (const candidate of byScore) {
      if (picks.length >= input.count) break;
      if (
        isCalm(candidate.frame, { ...input, marginS: rule.marginS }) &&
        picks.every((pick) => differs(candidate, pick, { rule, fps: input.fps }))
      ) {
        picks.push(candidate);
      }
    }
  }
  if (picks.length === 0) return [{ frame: middleOfLongest(input.keep), score: 0 }];
  return picks.map(({ frame, score }) => ({ frame, score }));
}

function isCalm(frame: number, { keep, scenes, fps, marginS }: PickInput & { marginS: number }): boolean {
  const margin = marginS * toFps(fps);
  const inside = keep.some(({ start_frame, end_frame }) => frame >= start_frame + margin && frame <= end_frame - 1 - margin);
  return inside && scenes.every((scene) => Math.abs(frame - scene) >= margin);
}

function differs(a: ScoredFrame, b: ScoredFrame, { rule, fps }: { rule: Rule; fps: string }): boolean {
  if (a.frame === b.frame) return false;
  return Math.abs(a.frame - b.frame) >= rule.spacingS * toFps(fps) && hashDistance(a.dhash, b.dhash) >= rule.hashDistance;
}

function hashDistance(a: string, b: string): number {
  const bits = (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2);
  return bits.replaceAll('0', '').length;
}

function middleOfLongest(keep: readonly FrameRange[]): number {
  const length = (range: FrameRange) => range.end_frame - range.start_frame;
  const longest = keep.reduce((best, range) => (length(range) > length(best) ? range : best), keep[0]!);
  return Math.floor((longest.start_frame + longest.end_frame - 1) / 2);
}
