import type { RangeS } from '#contracts/artifacts';
import type { Cut, EditPlan, FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { pauses } from './acoustics.ts';
import { applyMarks } from './apply-marks.ts';
import { minKeepFrames } from './check-plan.ts';
import type { DirectorInput, Marks } from './director.ts';
import { type Grid, toFillerCut } from './filler-cuts.ts';
import { findFillers, languages } from './fillers.ts';
import { type JudgedFiller, judgeFiller } from './judge-fillers.ts';
import { createPauseConfidence } from './pause-confidence.ts';
import { disjointFrames, overlapS, subtractFrames, subtractRanges } from './ranges.ts';
import { settleCuts } from './settle-cuts.ts';

/**
 * What the sound and the words say can go, in whole frames: sorted, disjoint, no keep between them under four frames.
 * A pause is looked for after the fillers are gone, so "so … um … the" leaves one pause, not two.
 */
export function findCuts(input: DirectorInput, marks: Marks): Pick<EditPlan, 'cuts' | 'uncertain'> {
  const grid: Grid = { fps: toFps(input.source.video.fps), frames: input.source.video.frames };
  if (grid.frames < minKeepFrames) return { cuts: [], uncertain: [] };
  const judged = judgeAll(input, { grid, marks });
  const certain = judged.filter((filler) => filler.doubt === null);
  const said = subtractRanges(heardRanges(input), certain, sliverS);
  const fillers = disjointFrames(toCuts(certain, grid));
  const silences = findSilences(input, { said, grid }).flatMap((cut) => subtractFrames(cut, fillers));
  const cuts = [...fillers, ...silences].sort((one, other) => one.start_frame - other.start_frame);
  const hasContent = (range: FrameRange) => said.some((speech) => overlapS(speech, toSeconds(range, grid.fps)) > epsilon);
  return {
    cuts: settleCuts(cuts, { frames: grid.frames, hasContent }),
    uncertain: toCuts(judged, grid).filter((cut) => cut.note !== undefined),
  };
}

const epsilon = 1e-6;
/** What the mask leaves beside a filler's edge was part of it. */
const sliverS = 0.06;
const toSeconds = (range: FrameRange, fps: number): RangeS => ({ start_s: range.start_frame / fps, end_s: range.end_frame / fps });
const toCuts = (fillers: JudgedFiller[], grid: Grid): Cut[] =>
  fillers.map((filler) => toFillerCut(filler, grid)).filter((cut) => cut !== null);

/** Speech and what might be speech, in order. */
function heardRanges({ audio }: DirectorInput): RangeS[] {
  return [...audio.speech, ...audio.undecided].sort((one, other) => one.start_s - other.start_s);
}

function judgeAll(input: DirectorInput, { grid, marks }: { grid: Grid; marks: Marks }): JudgedFiller[] {
  const { settings, transcript, audio, envelope } = input;
  if (settings.fillers === null) return [];
  const { words } = transcript;
  const acoustics = envelope === null || !audio.present ? null : { speech: heardRanges(input), envelope };
  const context = { words, acoustics, undecided: audio.undecided, durationS: grid.frames / grid.fps };
  const candidates = applyMarks(findFillers(words, languages[settings.fillers.language]), marks);
  return candidates.map((candidate) => judgeFiller(candidate, context));
}

/** Keeps grow outward to whole frames, so these shrink. */
function findSilences(input: DirectorInput, { said, grid }: { said: RangeS[]; grid: Grid }): Cut[] {
  const { silence } = input.settings;
  if (silence === null || !input.audio.present) return [];
  const options = { minSilenceMs: silence.min_silence_ms, padMs: silence.pad_ms, maxPauseMs: silence.max_pause_ms };
  const confidenceOf = createPauseConfidence(input.envelope, input.audio.speech);
  return pauses({ speech: said, undecided: [], duration_s: grid.frames / grid.fps }, options)
    .map((range) => ({
      start_frame: Math.max(0, Math.ceil(range.start_s * grid.fps - epsilon)),
      end_frame: Math.min(grid.frames, Math.floor(range.end_s * grid.fps + epsilon)),
      reason: 'silence' as const,
      confidence: confidenceOf(range),
    }))
    .filter((cut) => cut.end_frame > cut.start_frame);
}
