import { describe, expect, it } from 'vitest';
import { findBeatCuts } from '#director/beat-cuts';
import { rules } from '#director/rules';
import { directorInput } from '../helpers/director-input.ts';

const fps = 25;
const beatS = 60 / 117;
const times_s = Array.from({ length: 110 }, (_, beat) => 0.21 + beat * beatS);
const strengths = times_s.map((_, beat) => (beat < 40 ? 0.3 : beat < 80 ? 0.6 : 1));
const beats = { bpm: 117, times_s, downbeat: 0, strengths };
const cutsOf = (scenes: number[]) => findBeatCuts({ beats, scenes, fps, frames: 1400 });

describe('changes of scene on the beat', () => {
  const cuts = cutsOf([123, 310, 466, 702, 855, 1010, 1199]);

  it('lie within half a frame of a beat and take whole bars', () => {
    expect(cuts.length).toBeGreaterThanOrEqual(4);
    for (const { start_frame, end_frame, reason } of cuts) {
      expect(reason).toBe('beat');
      const beatOf = (frame: number) => times_s.findIndex((time) => Math.abs(time * fps - frame) <= 0.5);
      expect(beatOf(start_frame)).toBeGreaterThanOrEqual(0);
      expect(beatOf(end_frame) - beatOf(start_frame)).toBe(4);
    }
  });

  it('fall on the first of a bar where it is quiet, on any beat where it is loud', () => {
    const placeOf = (frame: number) => times_s.findIndex((time) => Math.abs(time * fps - frame) <= 0.5) % 4;
    expect(placeOf(cuts[0]!.start_frame)).toBe(0);
    expect(cutsOf([1199]).map(({ start_frame }) => placeOf(start_frame))).not.toEqual([0]);
  });

  it('leave half a second between them and two thirds of the footage', () => {
    const many = cutsOf(Array.from({ length: 60 }, (_, index) => 20 + index * 21));
    const removed = many.reduce((sum, cut) => sum + cut.end_frame - cut.start_frame, 0);
    expect(removed).toBeLessThanOrEqual(1400 / 3);
    for (const [index, cut] of many.entries())
      if (index > 0) expect(cut.start_frame - many[index - 1]!.end_frame).toBeGreaterThanOrEqual(fps / 2);
  });

  it('that are on the beat already stay as they are', () => {
    expect(cutsOf([Math.round(times_s[44]! * fps)])).toEqual([]);
  });

  it('enter the plan with the beats, but never where speech was cut', () => {
    const music = directorInput({ speech: [[0, 56]], frames: 1400, settings: { silence: null, fillers: null } });
    const plan = rules({ ...music, video: { scenes: [310], candidates: [] }, beats });
    expect(plan.cuts).toEqual([expect.objectContaining({ reason: 'beat' })]);
    expect(plan.beats?.bpm).toBe(117);
    const talk = directorInput({
      speech: [
        [0, 20],
        [30, 56],
      ],
      frames: 1400,
    });
    expect(rules({ ...talk, video: { scenes: [310], candidates: [] }, beats }).cuts.map(({ reason }) => reason)).toEqual(['silence']);
  });
});
