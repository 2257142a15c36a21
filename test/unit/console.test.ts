import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { EditPlan } from '#contracts/plan';
import { checkPlan } from '#director/check-plan';
import { createEventParser } from '../../apps/console/event-stream.ts';
import {
  formatAge,
  formatBytes,
  formatChange,
  formatCount,
  formatDuration,
  formatElapsed,
  formatFigure,
  formatMoment,
  formatWord,
} from '../../apps/console/format.ts';
import { keptSeconds, listDecisions, turnDecisions } from '../../apps/console/plan-edit.ts';

const range = (start_frame: number, end_frame: number) => ({ start_frame, end_frame });

/** 10 s at 24 frames: `um` cut at 2 s, a pause cut at 5 s, a doubtful word at 8 s. */
const plan: EditPlan = {
  version: 1,
  revision: 1,
  by: 'rules',
  source: { sha256: 'a', duration_s: 10, frames: 240, fps: '24/1', width: 640, height: 360 },
  keep: [range(0, 48), range(60, 120), range(144, 240)],
  cuts: [
    { ...range(48, 60), reason: 'filler', text: 'um', confidence: 0.97 },
    { ...range(120, 144), reason: 'silence', confidence: 0.9 },
  ],
  uncertain: [{ ...range(192, 204), reason: 'filler', text: 'like', note: 'It may carry meaning.', confidence: 0.5 }],
  overlays: [],
  captions: {
    burn: false,
    formats: ['srt'],
    words: [
      { text: 'one', start_s: 0.5, end_s: 1 },
      { text: 'two', start_s: 2, end_s: 2.5 },
      { text: 'three', start_s: 4.5, end_s: 5 },
      { text: 'like', start_s: 6.5, end_s: 7 },
    ],
  },
  clips: [],
  thumbnails: [],
  audio: { denoise: { method: 'none', wet: 0, estimated_snr_db: null }, target_lufs: -14, gain_db: 0 },
  beats: null,
};
const turn = (...ids: string[]) => turnDecisions(plan, new Set(ids)) as EditPlan;

describe('decisions of a plan', () => {
  test('are listed in the order of the footage, with what the plan does', () => {
    expect(listDecisions(plan).map(({ id, planned }) => [id, planned])).toEqual([
      ['48-60', 'cut'],
      ['120-144', 'cut'],
      ['192-204', 'keep'],
    ]);
  });

  test('a plan without a change stays as it is', () => {
    const same = turn();
    expect({ ...same, captions: null }).toEqual({ ...plan, captions: null });
    for (const [index, word] of same.captions.words.entries()) {
      expect(word.start_s).toBeCloseTo(plan.captions.words[index]!.start_s, 6);
      expect(word.end_s).toBeCloseTo(plan.captions.words[index]!.end_s, 6);
    }
  });

  test('a cut that is taken back is kept, stays listed as uncertain, and its word comes back into the captions', () => {
    const edited = turn('48-60');
    expect(edited.keep).toEqual([range(0, 120), range(144, 240)]);
    expect(edited.cuts).toEqual([plan.cuts[1]]);
    expect(edited.uncertain[0]).toEqual({ ...plan.cuts[0], note: 'Kept by a reviewer.' });
    expect(edited.captions.words.map(({ text }) => text)).toEqual(['one', 'um', 'two', 'three', 'like']);
    expect(edited.captions.words[1]).toMatchObject({ start_s: 2, end_s: 2.5 });
    expect(edited.captions.words[2]!.start_s).toBeCloseTo(2.5, 6);
  });

  test('what was uncertain is cut, its word goes, and what follows moves up', () => {
    const edited = turn('192-204');
    expect(edited.cuts.at(-1)).toEqual({ ...range(192, 204), reason: 'filler', text: 'like', confidence: 0.5 });
    expect(edited.uncertain).toEqual([]);
    expect(edited.captions.words.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(keptSeconds(edited)).toBeCloseTo(keptSeconds(plan) - 0.5, 9);
  });

  test('a decision that was turned and saved can be turned back from the saved plan', () => {
    const back = turnDecisions(turn('48-60', '192-204'), new Set(['48-60', '192-204'])) as EditPlan;
    expect(back.keep).toEqual(plan.keep);
    expect(back.cuts).toEqual(plan.cuts);
    expect(back.captions.words.map(({ text }) => text)).toEqual(['one', 'two', 'three', 'like']);
  });

  test('nothing may be left of the footage: then there is no plan', () => {
    const whole: EditPlan = {
      ...plan,
      keep: [range(0, 240)],
      cuts: [],
      uncertain: [{ ...range(0, 240), reason: 'silence', confidence: 1 }],
    };
    expect(turnDecisions(whole, new Set(['0-240']))).toBeNull();
  });

  test('whatever is turned, the result is a plan that the service can render', () => {
    fc.assert(
      fc.property(arbitraryPlan, fc.array(fc.nat(30), { maxLength: 12 }), (made, picks) => {
        const decisions = listDecisions(made);
        const ids = new Set(picks.flatMap((pick) => decisions[pick % Math.max(1, decisions.length)]?.id ?? []));
        const edited = turnDecisions(made, ids);
        expect(edited === null ? [] : checkPlan(edited)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Ranges that alternate between kept and cut, doubtful ones anywhere, a word in each second of the edit. */
const arbitraryPlan = fc
  .record({
    lengths: fc.array(fc.integer({ min: 4, max: 60 }), { minLength: 3, maxLength: 16 }),
    doubtful: fc.array(fc.tuple(fc.nat(400), fc.integer({ min: 1, max: 40 })), { maxLength: 5 }),
  })
  .map(({ lengths, doubtful }): EditPlan => {
    const edges = [0, ...lengths.map((_, index) => lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0))];
    const ranges = lengths.map((_, index) => range(edges[index]!, edges[index + 1]!));
    const frames = edges.at(-1)!;
    const keep = ranges.filter((_, index) => index % 2 === 0);
    const cuts = ranges
      .filter((_, index) => index % 2 === 1)
      .map((cut) => ({ ...cut, reason: 'repeat' as const, text: 'a b', confidence: 1 }));
    const uncertain = doubtful
      .map(([start, length]) => ({
        ...range(start % frames, Math.min(frames, (start % frames) + length)),
        reason: 'filler' as const,
        confidence: 0.4,
      }))
      .filter(({ start_frame, end_frame }) => end_frame > start_frame);
    const made = { ...plan, source: { ...plan.source, frames, duration_s: frames / 24 }, keep, cuts, uncertain };
    const words = Array.from({ length: Math.floor(keptSeconds(made)) }, (_, second) => ({
      text: 'w',
      start_s: second,
      end_s: second + 0.9,
    }));
    return { ...made, captions: { ...plan.captions, words } };
  });

describe('a stream of events', () => {
  const stream = ': hello\n\nretry: 1000\n\nid: 1-0\nevent: job.started\ndata: {"a":1}\n\nid: 2-0\nevent: job.completed\ndata: {}\n\n';

  test('gives the same events wherever it is torn', () => {
    for (let at = 0; at < stream.length; at++) {
      const parse = createEventParser();
      const events = [...parse(stream.slice(0, at)), ...parse(stream.slice(at))];
      expect(events).toEqual([
        { id: '1-0', type: 'job.started', data: '{"a":1}' },
        { id: '2-0', type: 'job.completed', data: '{}' },
      ]);
    }
  });

  test('keeps what is not complete to itself', () => {
    expect(createEventParser()('id: 1\ndata: half')).toEqual([]);
  });
});

describe('figures for people', () => {
  test.each([
    [formatDuration(7.24), '0:07.2'],
    [formatDuration(59.96), '1:00'],
    [formatDuration(3725), '1:02:05'],
    [formatDuration(null), '–'],
    [formatDuration(-1.5), '−0:01.5'],
    [formatMoment(62.476), '1:02.48'],
    [formatMoment(3661.5), '1:01:01.50'],
    [formatElapsed(820), '820 ms'],
    [formatElapsed(3_240), '3.2 s'],
    [formatElapsed(125_000), '2 min 5 s'],
    [formatElapsed(7_500_000), '2 h 5 min'],
    [formatBytes(999), '999 B'],
    [formatBytes(12_345_678), '12.3 MB'],
    [formatBytes(123_456_789), '123 MB'],
    [formatChange(40, 30), '−25 %'],
    [formatChange(0, 30), '–'],
    [formatFigure(-14.04, 1, 'LUFS'), '−14.0 LUFS'],
    [formatFigure(undefined, 1, 'LUFS'), '–'],
    [formatWord('awaiting_review'), 'Awaiting review'],
    [formatWord('cpu_share'), 'CPU share'],
    [formatCount(1, 'cut'), '1 cut'],
    [formatCount(3, 'cut'), '3 cuts'],
    [formatAge('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:04Z')), 'just now'],
    [formatAge('2026-01-01T00:00:00Z', Date.parse('2026-01-01T02:30:00Z')), '2 h ago'],
    [formatAge('2026-01-01T00:00:00Z', Date.parse('2026-01-04T02:30:00Z')), '3 d ago'],
  ])('%s is read as %s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});
