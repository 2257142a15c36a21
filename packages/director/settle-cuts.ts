import type { Cut, FrameRange } from '#contracts/plan';
import { minKeepFrames } from './check-plan.ts';

export interface SettleContext {
  frames: number;
  /** Whether something a viewer must hear lies in the range. */
  hasContent: (range: FrameRange) => boolean;
}

/**
 * Sorted, disjoint cuts without a keep under four frames between them: an empty sliver goes with the cut after it, a
 * sliver with content grows at the cost of a silence beside it, of another cut only when there is none.
 */
export function settleCuts(cuts: readonly Cut[], context: SettleContext): Cut[] {
  const settled = cuts.map((cut) => ({ ...cut }));
  for (let index = 0; index <= settled.length; index++) {
    const gap = gapBefore(settled, { index, frames: context.frames });
    const length = gap.end_frame - gap.start_frame;
    if (length <= 0 || length >= minKeepFrames || settled.length === 0) continue;
    if (!context.hasContent(gap)) absorb(settled, { index, gap });
    else index = Math.max(-1, grow(settled, { index, need: minKeepFrames - length }) - 1);
  }
  return settled;
}

function gapBefore(cuts: readonly Cut[], { index, frames }: { index: number; frames: number }): FrameRange {
  return { start_frame: cuts[index - 1]?.end_frame ?? 0, end_frame: cuts[index]?.start_frame ?? frames };
}

function absorb(cuts: Cut[], { index, gap }: { index: number; gap: FrameRange }): void {
  const after = cuts[index];
  if (after !== undefined) after.start_frame = gap.start_frame;
  else cuts[index - 1]!.end_frame = gap.end_frame;
}

/** Takes frames from one neighbour, or all of it; answers the index of the gap to look at again. */
function grow(cuts: Cut[], { index, need }: { index: number; need: number }): number {
  const before = cuts[index - 1];
  const after = cuts[index];
  const fromBefore = after === undefined || (before?.reason === 'silence' && after.reason !== 'silence');
  const giver = fromBefore ? before! : after;
  if (giver.end_frame - giver.start_frame <= need) cuts.splice(fromBefore ? index - 1 : index, 1);
  else if (fromBefore) giver.end_frame -= need;
  else giver.start_frame += need;
  return fromBefore ? index - 1 : index;
}
