import type { ScoredFrame } from '#contracts/artifacts';

/** As many pictures as a model is ever shown of one video. */
export const mostFrames = 12;
/** Longer side, in pixels. */
export const frameSide = 1_024;
const everyS = 5;

/** How many frames stand for footage of this length. */
export const countFrames = (durationS: number): number => Math.min(mostFrames, Math.max(1, Math.ceil(durationS / everyS)));

/** Pure: the best-scored frame of each of so many equal parts of the footage, in order; a part without one has none. */
export function chooseFrames(candidates: readonly ScoredFrame[], { frames, durationS }: { frames: number; durationS: number }): number[] {
  const count = countFrames(durationS);
  const best = new Map<number, ScoredFrame>();
  for (const candidate of candidates) {
    const part = Math.floor((candidate.frame * count) / frames);
    const known = best.get(part);
    if (!known || candidate.score > known.score) best.set(part, candidate);
  }
  const chosen = [...best.values()].map(({ frame }) => frame).sort((one, other) => one - other);
  return chosen.length > 0 ? chosen : [frames >> 1];
}
