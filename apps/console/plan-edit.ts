import type { Cut, EditPlan, FrameRange, PlanWord } from '#contracts/plan';
import { retimeWords } from './retime-words.ts';

/** Shorter pieces flash; the service refuses a plan that has one. */
const minKeepFrames = 4;
const keptNote = 'Kept by a reviewer.';

/** One decision that a reviewer can turn round. */
export interface Decision {
  /** Equal in two revisions of a plan when it is about the same frames. */
  id: string;
  cut: Cut;
  /** What the plan does with it. */
  planned: 'cut' | 'keep';
}

/** Pure: everything that was cut or could be, in the order of the footage. */
export function listDecisions(plan: EditPlan): Decision[] {
  const toDecision = (planned: Decision['planned']) => (cut: Cut) => ({ id: `${cut.start_frame}-${cut.end_frame}`, cut, planned });
  return [...plan.cuts.map(toDecision('cut')), ...plan.uncertain.map(toDecision('keep'))].toSorted(
    (one, other) => one.cut.start_frame - other.cut.start_frame || one.cut.end_frame - other.cut.end_frame,
  );
}

/**
 * Pure: the plan with the decisions named in `turned` the other way round: what was cut is kept and stays listed as
 * uncertain, what was uncertain is cut. Captions move with the picture. Null = nothing would be left of the footage.
 */
export function turnDecisions(plan: EditPlan, turned: ReadonlySet<string>): EditPlan | null {
  const decisions = listDecisions(plan);
  const isCut = ({ id, planned }: Decision) => (planned === 'cut') !== turned.has(id);
  const { cuts, keep } = divide(decisions.filter(isCut).map(toCut), plan.source.frames);
  if (keep.length === 0) return null;
  const uncertain = decisions
    .filter((decision) => !isCut(decision))
    .map(({ cut, planned }) => (planned === 'cut' ? { ...cut, note: keptNote } : cut));
  const restored = decisions.filter((decision) => decision.planned === 'cut' && turned.has(decision.id)).flatMap(toSourceWords(plan));
  const words = retimeWords(plan.captions.words, { before: plan.keep, after: keep, fps: fpsOf(plan), restored });
  return { ...plan, keep, cuts, uncertain, captions: { ...plan.captions, words } };
}

/** Pure: seconds of the edit. */
export const keptSeconds = (plan: EditPlan): number =>
  plan.keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0) / fpsOf(plan);

/** Pure: frames per second of a plan. */
export function fpsOf({ source }: EditPlan): number {
  const [num = 0, den = 1] = source.fps.split('/').map(Number);
  return num / den;
}

function toCut({ cut: { note: _note, ...cut } }: Decision): Cut {
  return cut;
}

/** Sorted, disjoint cuts and what lies between them. A rest too short to be seen goes with the cut before it, else with the one behind. */
function divide(wanted: readonly Cut[], frames: number): { cuts: Cut[]; keep: FrameRange[] } {
  const cuts: Cut[] = [];
  for (const wish of wanted.toSorted((one, other) => one.start_frame - other.start_frame)) {
    const before = cuts.at(-1);
    const free = before?.end_frame ?? 0;
    const gap = wish.start_frame - free;
    if (wish.end_frame <= free) continue;
    if (gap > 0 && gap < minKeepFrames && before) before.end_frame = wish.start_frame;
    const start_frame = gap < 0 || (gap < minKeepFrames && !before) ? free : wish.start_frame;
    cuts.push({ ...wish, start_frame });
  }
  const last = cuts.at(-1);
  if (last && frames - last.end_frame < minKeepFrames) last.end_frame = frames;
  const edges = [0, ...cuts.flatMap(({ start_frame, end_frame }) => [start_frame, end_frame]), frames];
  const keep = edges.flatMap((start_frame, index) => {
    const end_frame = edges[index + 1];
    return index % 2 === 0 && end_frame !== undefined && end_frame > start_frame ? [{ start_frame, end_frame }] : [];
  });
  return { cuts, keep };
}

/** What was said in a cut, spread evenly over it: the plan keeps its text but not the time of each word. */
const toSourceWords =
  (plan: EditPlan) =>
  ({ cut }: Decision): PlanWord[] => {
    const texts = cut.text?.split(/\s+/).filter(Boolean) ?? [];
    const startS = cut.start_frame / fpsOf(plan);
    const eachS = (cut.end_frame - cut.start_frame) / fpsOf(plan) / texts.length;
    return texts.map((text, index) => ({
      text: text.slice(0, 200),
      start_s: startS + index * eachS,
      end_s: startS + (index + 1) * eachS,
    }));
  };
