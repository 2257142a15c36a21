import type { Beats } from '#contracts/artifacts';
import type { Cut } from '#contracts/plan';

export interface BeatCutsInput {
  beats: Beats;
  /** First frame of each scene but the first. */
  scenes: readonly number[];
  fps: number;
  frames: number;
}

const beatsPerBar = 4;
const shortestShotS = 0.5;
/** More than this is a different piece of music. */
const largestShare = 1 / 3;
const energySpan = 8;

/**
 * Moves the changes of scene onto the beat without breaking the music's pulse: around a change that lies beside the beat a
 * whole number of bars goes, from a beat before it to the same beat of a later bar. Loud passages may change on every
 * beat, middling ones on every other, quiet ones on the first of a bar. Every edge is the frame nearest to the beat's
 * own time. At most a third of the footage goes; later changes stay as they are.
 */
export function findBeatCuts({ beats, scenes, fps, frames }: BeatCutsInput): Cut[] {
  const frameAt = (beat: number) => Math.round(beats.times_s[beat]! * fps);
  const stepOf = toSteps(beats);
  const cuts: Cut[] = [];
  let removed = 0;
  for (const scene of scenes) {
    const last = cuts.at(-1)?.end_frame ?? 0;
    const before = beats.times_s.findLastIndex((time) => time <= (scene + 0.5) / fps);
    if (scene < last || before < 0) continue;
    const place = (((before - beats.downbeat) % beatsPerBar) + beatsPerBar) % beatsPerBar;
    const first = before - (place % stepOf(before));
    if (first < 0 || Math.abs(scene - frameAt(first)) <= 1) continue;
    const end = first + beatsPerBar;
    if (end >= beats.times_s.length || frameAt(end) > frames) continue;
    const [start_frame, end_frame] = [frameAt(first), frameAt(end)];
    const isTooShort = start_frame - last < shortestShotS * fps;
    if (isTooShort || removed + end_frame - start_frame > largestShare * frames) continue;
    removed += end_frame - start_frame;
    cuts.push({ start_frame, end_frame, reason: 'beat', confidence: 1 });
  }
  return cuts;
}

/** Beats between two places where a change may fall, by the loudness of the eight beats around. */
function toSteps({ strengths }: Beats): (beat: number) => number {
  const energies = strengths.map((_, beat) => {
    const around = strengths.slice(Math.max(0, beat - energySpan / 2), beat + energySpan / 2);
    return around.reduce((sum, strength) => sum + strength, 0) / around.length;
  });
  const sorted = energies.toSorted((one, other) => one - other);
  const [quiet, loud] = [sorted[Math.floor(sorted.length / 3)]!, sorted[Math.floor((2 * sorted.length) / 3)]!];
  return (beat) => (energies[beat]! >= loud ? 1 : energies[beat]! >= quiet ? 2 : beatsPerBar);
}
