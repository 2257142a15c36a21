import { isDeepStrictEqual } from 'node:util';
import type { Cut, EditPlan, FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { buildEditMap, toSourceS } from './edit-map.ts';
import { toOutputWords } from './output-words.ts';
import { complementFrames, subtractFrames } from './ranges.ts';

/**
 * A person's plan made whole: what is not kept is cut, under the reason that it has or had and `manual` where it is new;
 * captions that nobody touched follow the new cuts. Everything else stays as given; `keep` must be sorted and disjoint.
 */
export function settlePlan(given: EditPlan, before: EditPlan): EditPlan {
  if (isDeepStrictEqual(given.keep, before.keep)) return given;
  const untouched = isDeepStrictEqual(given.captions.words, before.captions.words);
  const words = untouched ? retime(given, before) : given.captions.words;
  return { ...given, cuts: settleCuts(given, before), captions: { ...given.captions, words } };
}

function settleCuts({ keep, cuts, source }: EditPlan, before: EditPlan): Cut[] {
  const reasons = [...cuts, ...before.cuts];
  return complementFrames(keep, source.frames).flatMap((gap) => {
    let open: FrameRange[] = [gap];
    const known = reasons.flatMap((cut) => {
      const inside = open.flatMap((part) => overlap(cut, part));
      open = open.flatMap((part) => subtractFrames(part, [cut]));
      return inside;
    });
    const manual = open.map((part): Cut => ({ ...part, reason: 'manual', confidence: 1 }));
    return [...known, ...manual].sort((one, other) => one.start_frame - other.start_frame);
  });
}

function overlap(cut: Cut, part: FrameRange): Cut[] {
  const start_frame = Math.max(cut.start_frame, part.start_frame);
  const end_frame = Math.min(cut.end_frame, part.end_frame);
  return end_frame > start_frame ? [{ ...cut, start_frame, end_frame }] : [];
}

/** Through source time, where a word stays where it was said. */
function retime({ keep, captions, source }: EditPlan, before: EditPlan): EditPlan['captions']['words'] {
  const fps = toFps(source.fps);
  const [from, map] = [buildEditMap(before.keep), buildEditMap(keep)];
  const said = captions.words.map(({ text, start_s, end_s }) => {
    const startS = toSourceS(from, start_s, fps);
    return { text, start_s: startS, end_s: startS + end_s - start_s, interpolated: false };
  });
  return toOutputWords(said, { map, fps });
}
