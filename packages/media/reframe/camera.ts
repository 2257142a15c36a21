import type { Subjects } from '#contracts/artifacts';
import type { CameraSpan, FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';

export interface CameraInput {
  /** What is shown, in order. */
  keep: readonly FrameRange[];
  /** First frame of each scene but the first. */
  scenes: readonly number[];
  fps: string;
  subjects: Subjects;
  /** Width of the cut-out as a share of the picture's. */
  window: number;
}

/**
 * A heavy tripod: it stands while the subject stays near its middle, moves only after three looks outside on one side,
 * slowly and smoothly, then stands for at least a second. It jumps at cuts and never moves near one. Where no subject is
 * seen for a while the whole picture is shown. Pure; spans on the source grid.
 */
export function planCamera(input: CameraInput): CameraSpan[] {
  const rig = toRig(input);
  const spans: CameraSpan[] = [];
  let x: number | null = null;
  for (const take of toTakes(input.keep, input.scenes)) {
    const samples = input.subjects.samples.filter(({ frame }) => frame >= take.start_frame && frame < take.end_frame);
    const seen = steady(samples.map((sample) => ({ frame: sample.frame, x: rig.clamp(sample.x) })));
    x = startOf(take, { seen, rig, before: take.isNewScene ? null : x });
    for (const part of splitByPresence(take, seen, rig)) {
      const moved: CameraSpan[] = part.present ? followIn(part, { take, seen, rig, from: x }) : [stand(part, 'general', x)];
      spans.push(...moved);
      x = moved.at(-1)!.to_x;
    }
  }
  return joinStands(spans);
}

interface Look {
  frame: number;
  x: number;
}

interface Take extends FrameRange {
  isNewScene: boolean;
}

/** The rules in frames and shares of the picture's width. */
interface Rig {
  window: number;
  holdX: number;
  second: number;
  step: number;
  clamp: (x: number) => number;
}

const holdShare = 0.25;
const successive = 3;
const shortestMoveS = 0.8;
/** Of the cut-out's width per second, at the fastest moment of a move. */
const topSpeed = 0.6;
/** Smoothstep's fastest moment against its mean. */
const peakOfSmoothstep = 1.5;
const standS = 1;
/** A move begins slowly: by this share of it before the subject leaves the hold zone. */
const anticipation = 0.4;
const awayFromCutsS = 0.3;
const absentS = 1.5;
const shortestPresenceS = 1;

function toRig({ fps, window, subjects }: CameraInput): Rig {
  const most = Math.max(window / 2, 1 - window / 2);
  return {
    window,
    holdX: holdShare * window,
    second: toFps(fps),
    step: subjects.step,
    clamp: (x) => Math.min(most, Math.max(Math.min(0.5, window / 2), x)),
  };
}

/** Runs of frames without a cut of any kind in them. */
function toTakes(keep: readonly FrameRange[], scenes: readonly number[]): Take[] {
  const takes = keep.flatMap(({ start_frame, end_frame }) => {
    const edges = [start_frame, ...scenes.filter((scene) => scene > start_frame && scene < end_frame), end_frame];
    return edges.slice(1).map((end, index) => ({ start_frame: edges[index]!, end_frame: end }));
  });
  return takes.map((take, index) => {
    const before = takes[index - 1];
    const isNewScene = before === undefined || scenes.some((scene) => scene > before.start_frame && scene <= take.start_frame);
    return { ...take, isNewScene };
  });
}

/** A single look that says something else than its neighbours is an error of the looking. */
const steady = (seen: readonly Look[]): Look[] =>
  seen.map((look, index) => ({ ...look, x: median(seen.slice(Math.max(0, index - 1), index + 2).map(({ x }) => x))! }));

/** The middle of its first second; after a cut within a scene only when the subject is no longer where it was. */
function startOf(take: Take, { seen, rig, before }: { seen: readonly Look[]; rig: Rig; before: number | null }): number {
  const opening = median(seen.filter(({ frame }) => frame < take.start_frame + rig.second).map((look) => look.x));
  if (before === null) return opening ?? median(seen.map((look) => look.x)) ?? 0.5;
  return opening !== null && Math.abs(opening - before) > rig.holdX ? opening : before;
}

/** Parts with a subject and, where none is seen for 1.5 s, without. A short glimpse between two absences does not count. */
function splitByPresence(take: Take, seen: readonly Look[], rig: Rig): (FrameRange & { present: boolean })[] {
  const marks = [take.start_frame, ...seen.map(({ frame }) => frame), take.end_frame];
  const absences = marks
    .slice(1)
    .map((end_frame, index) => ({ start_frame: marks[index]!, end_frame }))
    .filter(({ start_frame, end_frame }) => end_frame - start_frame >= absentS * rig.second || seen.length === 0);
  const joined: FrameRange[] = [];
  for (const absence of absences) {
    const last = joined.at(-1);
    if (last && absence.start_frame - last.end_frame < shortestPresenceS * rig.second) last.end_frame = absence.end_frame;
    else joined.push({ ...absence });
  }
  const edges = [take.start_frame, ...joined.flatMap(({ start_frame, end_frame }) => [start_frame, end_frame]), take.end_frame];
  return edges
    .slice(1)
    .map((end_frame, index) => ({ start_frame: edges[index]!, end_frame, present: index % 2 === 0 }))
    .filter(({ start_frame, end_frame }) => start_frame < end_frame);
}

function followIn(
  part: FrameRange,
  { take, seen, rig, from }: { take: Take; seen: readonly Look[]; rig: Rig; from: number },
): CameraSpan[] {
  const margin = Math.ceil(awayFromCutsS * rig.second);
  const latest = Math.min(part.end_frame, take.end_frame - margin);
  const spans: CameraSpan[] = [];
  let x = from;
  let stoodSince = part.start_frame;
  let free = Math.max(part.start_frame, take.start_frame + margin);
  for (const [index, look] of seen.entries()) {
    if (look.frame < free || !isOutside(seen.slice(index, index + successive), x, rig)) continue;
    const target = aimAt(seen, index, rig);
    const frames = Math.ceil(Math.max(shortestMoveS, (peakOfSmoothstep * Math.abs(target - x)) / (topSpeed * rig.window)) * rig.second);
    const start = Math.max(free, look.frame - Math.round(anticipation * frames));
    const end = start + frames;
    if (end > latest || Math.abs(target - x) <= rig.holdX) continue;
    if (start > stoodSince) spans.push(stand({ start_frame: stoodSince, end_frame: start }, 'track', x));
    spans.push({ start_frame: start, end_frame: end, layout: 'track', from_x: x, to_x: target });
    [x, stoodSince, free] = [target, end, end + Math.ceil(standS * rig.second)];
  }
  if (stoodSince < part.end_frame) spans.push(stand({ start_frame: stoodSince, end_frame: part.end_frame }, 'track', x));
  return spans;
}

/** Three looks in a row, all of them farther than the hold zone and on one side. */
function isOutside(looks: readonly Look[], x: number, { holdX, step }: Rig): boolean {
  if (looks.length < successive || looks.at(-1)!.frame - looks[0]!.frame > successive * step) return false;
  return looks.every((look) => look.x - x > holdX) || looks.every((look) => x - look.x > holdX);
}

/** Where it will be when the camera arrives, and a second longer: all of it is known beforehand. */
function aimAt(seen: readonly Look[], index: number, { second }: Rig): number {
  const arrival = seen[index]!.frame + shortestMoveS * second;
  const later = seen.filter(({ frame }) => frame >= arrival && frame <= arrival + second);
  return median((later.length >= successive ? later : seen.slice(index, index + successive)).map((look) => look.x))!;
}

function stand({ start_frame, end_frame }: FrameRange, layout: CameraSpan['layout'], x: number): CameraSpan {
  return { start_frame, end_frame, layout, from_x: round(x), to_x: round(x) };
}

/** Equal stands one after another, also over a cut, are one. */
function joinStands(spans: readonly CameraSpan[]): CameraSpan[] {
  const joined: CameraSpan[] = [];
  for (const span of spans.map((one) => ({ ...one, from_x: round(one.from_x), to_x: round(one.to_x) }))) {
    const last = joined.at(-1);
    const same = last && last.layout === span.layout && last.from_x === last.to_x && last.to_x === span.from_x && span.from_x === span.to_x;
    if (same) last.end_frame = span.end_frame;
    else joined.push(span);
  }
  return joined;
}

const round = (share: number) => Math.round(share * 10_000) / 10_000;

function median(values: readonly number[]): number | null {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? null;
}
