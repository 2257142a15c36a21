import { type EditPlan, editPlanSchema, type FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { buildEditMap } from './edit-map.ts';
import { countKept } from './ranges.ts';

export interface PlanProblem {
  pointer: string;
  detail: string;
}

/** Shorter pieces flash: nothing may be kept for less, unless the whole source is shorter. */
export const minKeepFrames = 4;

/**
 * What is wrong with a plan, whoever made it (rules, a model, a person); empty = it can be rendered as it stands. The
 * shape is the schema's matter: this reads a plan that has it, and adds what a schema cannot say.
 */
export function checkPlan(plan: EditPlan): PlanProblem[] {
  const shape = editPlanSchema.safeParse(plan);
  if (!shape.success) return shape.error.issues.map((issue) => ({ pointer: `/${issue.path.join('/')}`, detail: issue.message }));
  const { frames } = plan.source;
  return [
    ...checkKeep(plan),
    ...checkRanges('/cuts', plan.cuts, frames),
    ...checkCover(plan),
    ...checkLengths(plan),
    ...plan.uncertain.flatMap((range, index) => checkInside(`/uncertain/${index}`, range, frames)),
    ...checkWords(plan),
    ...checkPictures(plan),
    ...checkClips(plan),
    ...checkRanges('/reframe', plan.reframe ?? [], frames),
  ];
}

/** The one thing that a plan must have right before anything else of it can be judged. */
export const checkKeep = ({ keep, source }: Pick<EditPlan, 'keep' | 'source'>): PlanProblem[] => checkRanges('/keep', keep, source.frames);

function checkRanges(at: string, ranges: FrameRange[], frames: number): PlanProblem[] {
  return ranges.flatMap((range, index) => {
    const before = ranges[index - 1];
    const overlap = before !== undefined && before.end_frame > range.start_frame;
    return [
      ...checkInside(`${at}/${index}`, range, frames),
      ...(overlap ? [{ pointer: `${at}/${index}/start_frame`, detail: 'ranges must be sorted and disjoint' }] : []),
    ];
  });
}

function checkInside(pointer: string, range: FrameRange, frames: number): PlanProblem[] {
  if (range.end_frame <= range.start_frame) return [{ pointer, detail: 'end_frame must lie after start_frame' }];
  if (range.end_frame > frames) return [{ pointer: `${pointer}/end_frame`, detail: `the source has ${frames} frames` }];
  return [];
}

function checkCover({ keep, cuts, source }: EditPlan): PlanProblem[] {
  const all = [...keep, ...cuts].sort((one, other) => one.start_frame - other.start_frame);
  const seams = [0, ...all.map((range) => range.end_frame)];
  const starts = [...all.map((range) => range.start_frame), source.frames];
  const broken = seams.findIndex((frame, index) => frame !== starts[index]);
  return broken < 0
    ? []
    : [{ pointer: '/keep', detail: `keep and cuts must cover the source exactly; frame ${seams[broken]} does not fit` }];
}

function checkLengths({ keep, source }: EditPlan): PlanProblem[] {
  if (source.frames < minKeepFrames) return [];
  return keep.flatMap(({ start_frame, end_frame }, index) =>
    end_frame - start_frame < minKeepFrames ? [{ pointer: `/keep/${index}`, detail: `shorter than ${minKeepFrames} frames` }] : [],
  );
}

const toleranceS = 1e-6;

function checkWords({ captions, keep, source }: EditPlan): PlanProblem[] {
  const endS = buildEditMap(keep).frames / toFps(source.fps);
  return captions.words.flatMap((word, index) => {
    const pointer = `/captions/words/${index}`;
    const before = captions.words[index - 1];
    if (word.end_s <= word.start_s) return [{ pointer, detail: 'end_s must lie after start_s' }];
    if (word.end_s > endS + toleranceS) return [{ pointer: `${pointer}/end_s`, detail: `the edit ends at ${endS} s` }];
    if (before !== undefined && before.end_s > word.start_s + toleranceS) return [{ pointer, detail: 'words must be sorted and disjoint' }];
    return [];
  });
}

/** Shorter ones cannot be read, and come and go within a blink. */
const minOverlayS = 1;

function checkShown(pointer: string, { start_frame, end_frame }: FrameRange, fps: string): PlanProblem[] {
  const isLong = end_frame - start_frame >= Math.floor(minOverlayS * toFps(fps));
  return isLong ? [] : [{ pointer, detail: `shown for less than ${minOverlayS} s` }];
}

/** A clip shows what is kept between its frames, and that must be something. */
function checkClips({ clips, keep, source }: EditPlan): PlanProblem[] {
  return clips.flatMap((clip, index) => {
    const pointer = `/clips/${index}`;
    const shown = countKept(keep, clip);
    const empty = shown < Math.min(minKeepFrames, source.frames);
    return [
      ...checkInside(pointer, clip, source.frames),
      ...(empty ? [{ pointer, detail: `shows ${shown} kept frames; the fewest are ${minKeepFrames}` }] : []),
      ...checkRanges(`${pointer}/reframe`, clip.reframe, source.frames),
    ];
  });
}

function checkPictures({ thumbnails, overlays, source }: EditPlan): PlanProblem[] {
  return [
    ...checkRanges('/overlays', overlays, source.frames),
    ...overlays.flatMap((range, index) => checkShown(`/overlays/${index}`, range, source.fps)),
    ...thumbnails.flatMap(({ frame }, index) =>
      frame >= source.frames ? [{ pointer: `/thumbnails/${index}/frame`, detail: `the source has ${source.frames} frames` }] : [],
    ),
  ];
}
