import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EditPlan, FrameRange } from '#contracts/plan';
import { checkPlan } from '#director/check-plan';
import { settlePlan } from '#director/settle-plan';

const frames = 1000;
const range = (start_frame: number, end_frame: number): FrameRange => ({ start_frame, end_frame });
const before: EditPlan = {
  version: 1,
  revision: 1,
  by: 'rules',
  source: { sha256: 'a', duration_s: 40, frames, fps: '25/1', width: 640, height: 360 },
  keep: [range(0, 200), range(300, 1000)],
  cuts: [{ ...range(200, 300), reason: 'filler', text: 'um', confidence: 0.9 }],
  uncertain: [],
  overlays: [],
  captions: {
    burn: false,
    formats: ['srt'],
    words: [
      { text: 'one', start_s: 1, end_s: 2 },
      { text: 'two', start_s: 10, end_s: 11 },
    ],
  },
  clips: [],
  thumbnails: [],
  audio: { denoise: { method: 'none', wet: 0, estimated_snr_db: null }, target_lufs: -14, gain_db: null },
  beats: null,
};
const withKeep = (...keep: FrameRange[]): EditPlan => ({ ...before, keep });

describe('a plan that a person sends', () => {
  test('stays as it is when nothing else is kept than before', () => {
    const renamed = { ...before, thumbnails: [{ frame: 3, headline: 'New', impact: 0.5, layout: 'full' }] } as EditPlan;
    expect(settlePlan(renamed, before)).toBe(renamed);
  });

  test('cuts what it does not keep: for the old reason where there was one, by hand elsewhere', () => {
    expect(settlePlan(withKeep(range(0, 180), range(320, 1000)), before).cuts).toEqual([
      { ...range(180, 200), reason: 'manual', confidence: 1 },
      { ...range(200, 300), reason: 'filler', text: 'um', confidence: 0.9 },
      { ...range(300, 320), reason: 'manual', confidence: 1 },
    ]);
    expect(settlePlan(withKeep(range(0, 1000)), before).cuts).toEqual([]);
  });

  test('takes its captions along: a word stays with what is shown, and goes when that is cut', () => {
    // "two" was shown from frame 250 of the output, which is frame 350 of the source
    expect(settlePlan(withKeep(range(0, 1000)), before).captions.words).toEqual([
      { text: 'one', start_s: 1, end_s: 2 },
      { text: 'two', start_s: 14, end_s: 15 },
    ]);
    expect(settlePlan(withKeep(range(100, 1000)), before).captions.words).toEqual([{ text: 'two', start_s: 10, end_s: 11 }]);
  });

  test('keeps the captions that came with it', () => {
    const words = [{ text: 'mine', start_s: 3, end_s: 4 }];
    const given = { ...withKeep(range(0, 1000)), captions: { ...before.captions, words } };
    expect(settlePlan(given, before).captions.words).toEqual(words);
  });

  test('is whole afterwards, whatever was kept', () => {
    const edges = fc.uniqueArray(fc.integer({ min: 0, max: frames / 8 }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(edges, (marks) => {
        const sorted = marks.toSorted((a, b) => a - b).map((mark) => mark * 8);
        const keep = sorted.flatMap((mark, index) => (index % 2 === 1 ? [range(sorted[index - 1]!, mark)] : []));
        expect(checkPlan(settlePlan(withKeep(...keep), before))).toEqual([]);
      }),
    );
  });
});
