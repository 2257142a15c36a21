import type { EditPlan, FrameRange, PlanWord } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import type { DirectorInput } from './director.ts';
import { buildEditMap, type EditMap, toNextOutputFrame, toOutputS, toSourceFrame } from './edit-map.ts';
import { splitSentences } from './sentences.ts';

/** What a clip is made of, whole: a sentence, a run of speech, a scene. Times in the output. */
export interface ClipUnit {
  startS: number;
  endS: number;
  words: readonly PlanWord[];
}

export interface ClipMaterial {
  map: EditMap;
  fps: number;
  durationS: number;
  /** In order and disjoint; the kinds after the first stand in when that one gives no clip. */
  units: ClipUnit[][];
  /** Whether something is said between the units' edges, so that a clip must begin and end in a pause. */
  spoken: boolean;
  /** Level of each second of the output, in dB; empty without sound. */
  levelsDb: number[];
}

/** The finished edit as a clip sees it: sentences where there are words, else speech, scenes, or steps of five seconds. */
export function toClipMaterial(
  input: DirectorInput,
  edit: { keep: readonly FrameRange[]; words: EditPlan['captions']['words'] },
): ClipMaterial {
  const map = buildEditMap(edit.keep);
  const fps = toFps(input.source.video.fps);
  const durationS = map.frames / fps;
  const shared = { map, fps, durationS, levelsDb: toLevels(input.envelope, { map, fps, durationS }) };
  if (edit.words.length > 0)
    return { ...shared, spoken: true, units: [splitSentences(edit.words), splitAtPauses(edit.words)].map(toUnits) };
  const speech = toSpeechUnits(input, { map, fps });
  if (speech.length > 1) return { ...shared, spoken: true, units: [speech] };
  const edges = input.video.scenes.flatMap((frame) => toNextOutputFrame(map, frame) ?? []).map((frame) => frame / fps);
  const steps = Array.from({ length: Math.ceil(durationS / stepS) - 1 }, (_, index) => (index + 1) * stepS);
  return { ...shared, spoken: false, units: [toStretches(edges, durationS), toStretches(steps, durationS)] };
}

/** Sound must rest this long at both ends of a clip. */
export const restS = 0.12;
const stepS = 5;

const toUnits = (groups: readonly (readonly PlanWord[])[]): ClipUnit[] =>
  groups.map((words) => ({ startS: words[0]!.start_s, endS: words.at(-1)!.end_s, words }));

function splitAtPauses(words: readonly PlanWord[]): PlanWord[][] {
  const groups: PlanWord[][] = [];
  for (const [index, word] of words.entries()) {
    if (index === 0 || word.start_s - words[index - 1]!.end_s >= restS) groups.push([word]);
    else groups.at(-1)!.push(word);
  }
  return groups;
}

function toSpeechUnits({ audio }: DirectorInput, { map, fps }: { map: EditMap; fps: number }): ClipUnit[] {
  const units: ClipUnit[] = [];
  for (const run of audio.speech) {
    const [startS, endS] = [toOutputS(map, run.start_s, fps), toOutputS(map, run.end_s, fps)];
    const last = units.at(-1);
    if (last && startS - last.endS < restS) last.endS = Math.max(last.endS, endS);
    else if (endS > startS) units.push({ startS, endS, words: [] });
  }
  return units;
}

function toStretches(edges: readonly number[], durationS: number): ClipUnit[] {
  const starts = [0, ...new Set(edges.filter((edge) => edge > 0 && edge < durationS))].sort((one, other) => one - other);
  return starts.map((startS, index) => ({ startS, endS: starts[index + 1] ?? durationS, words: [] }));
}

/** Mean of ten looks a second at the 10-ms levels that the output keeps. */
function toLevels(envelope: ArrayLike<number> | null, { map, fps, durationS }: { map: EditMap; fps: number; durationS: number }): number[] {
  if (envelope === null) return [];
  return Array.from({ length: Math.ceil(durationS) }, (_, second) => {
    const looks = Array.from({ length: 10 }, (__, tenth) => toSourceFrame(map, Math.floor((second + tenth / 10) * fps)));
    const levels = looks.flatMap((frame) => (frame === null ? [] : [(envelope[Math.round((frame / fps) * 100)] ?? 0) / 100]));
    return levels.reduce((sum, level) => sum + level, 0) / Math.max(1, levels.length);
  });
}
