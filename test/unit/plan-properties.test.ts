import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EditPlan } from '#contracts/plan';
import { checkPlan } from '#director/check-plan';
import { buildEditMap, toNextOutputFrame, toOutputFrame, toOutputS, toSourceFrame } from '#director/edit-map';
import { rules } from '#director/rules';
import { directorInput, type Said } from '../helpers/director-input.ts';

const rates = ['5/1', '24000/1001', '25/1', '30000/1001', '60/1'];
const seconds = (max: number) => fc.integer({ min: 0, max: max * 1000 }).map((ms) => ms / 1000);

/** Sorted, disjoint [start, end] pairs. */
const spans = (maxCount: number) =>
  fc
    .array(
      fc.tuple(
        seconds(2),
        fc.integer({ min: 50, max: 3000 }).map((ms) => ms / 1000),
      ),
      { maxLength: maxCount },
    )
    .map((steps) => {
      let now = 0;
      return steps.map(([gap, length]): [number, number] => {
        const start = now + gap + 0.01;
        now = start + length;
        return [start, now];
      });
    });

const vocabulary = ['um', 'uh', 'the', 'the', 'like', 'cat', 'th-', 'you', 'know', 'I', 'I', 'very', 'very', 'words'];

const arbitraryTake = fc.record({
  speech: spans(12),
  words: spans(40).chain((times) =>
    fc
      .array(fc.constantFrom(...vocabulary), { minLength: times.length, maxLength: times.length })
      .map((texts) => times.map(([start, end], index): Said => [texts[index]!, start, end])),
  ),
  frames: fc.integer({ min: 1, max: 2000 }),
  fps: fc.constantFrom(...rates),
  minSilence: fc.integer({ min: 150, max: 2000 }),
  pad: fc.integer({ min: 0, max: 300 }),
  maxPause: fc.integer({ min: 0, max: 2000 }),
});

const decide = ({
  minSilence,
  pad,
  maxPause,
  words,
  frames,
  fps,
  ...take
}: typeof arbitraryTake extends fc.Arbitrary<infer T> ? T : never): EditPlan | null => {
  const [num, den] = fps.split('/').map(Number);
  const durationS = (frames * den!) / num!;
  const silence = { min_silence_ms: minSilence, pad_ms: pad, max_pause_ms: maxPause };
  const inside = words.filter(([, start, end]) => start < durationS && end <= durationS);
  try {
    return rules(directorInput({ ...take, words: inside, frames, fps, settings: { silence } }));
  } catch (error) {
    expect(error).toMatchObject({ code: 'SOURCE_EMPTY_EDIT' });
    return null;
  }
};

describe('whatever was recorded and said', () => {
  it('the rules make a plan without a problem, or say that nothing is left', () => {
    fc.assert(
      fc.property(arbitraryTake, (take) => {
        const plan = decide(take);
        if (plan !== null) expect(checkPlan(plan)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('a silence cut never touches a frame with speech in it', () => {
    fc.assert(
      fc.property(arbitraryTake, (take) => {
        const plan = decide({ ...take, words: [] });
        const [num, den] = take.fps.split('/').map(Number);
        const hit = plan?.cuts.filter((cut) =>
          take.speech.some(([start, end]) => (cut.start_frame * den!) / num! < end - 1e-6 && (cut.end_frame * den!) / num! > start + 1e-6),
        );
        expect(hit ?? []).toEqual([]);
      }),
    );
  });

  it('the same input gives the same plan', () => {
    fc.assert(
      fc.property(arbitraryTake, (take) => void expect(decide(take)).toEqual(decide(take))),
      { numRuns: 20 },
    );
  });
});

describe('the map between source and output', () => {
  const keeps = fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 60 })), { minLength: 1, maxLength: 20 }).map((steps) => {
    let frame = 0;
    return steps.map(([gap, length]) => {
      const start_frame = frame + gap;
      frame = start_frame + length;
      return { start_frame, end_frame: frame };
    });
  });

  it('is its own way back, on every frame', () => {
    fc.assert(
      fc.property(keeps, (keep) => {
        const map = buildEditMap(keep);
        for (let output = 0; output < map.frames; output++) expect(toOutputFrame(map, toSourceFrame(map, output)!)).toBe(output);
        const last = keep.at(-1)!.end_frame;
        const shown = Array.from({ length: last }, (_, frame) => toOutputFrame(map, frame)).filter((frame) => frame !== null);
        expect(shown).toEqual(Array.from({ length: map.frames }, (_, frame) => frame));
        expect(toSourceFrame(map, map.frames)).toBeNull();
        expect(toSourceFrame(map, -1)).toBeNull();
      }),
      { numRuns: 20 },
    );
  });

  it('moves a cut frame to the next kept one', () => {
    const map = buildEditMap([
      { start_frame: 5, end_frame: 10 },
      { start_frame: 20, end_frame: 30 },
    ]);
    expect([0, 5, 9, 10, 19, 20, 29, 30].map((frame) => toNextOutputFrame(map, frame))).toEqual([0, 0, 4, 5, 5, 5, 14, null]);
    expect([0, 9, 15].map((frame) => toOutputFrame(map, frame))).toEqual([null, 4, null]);
  });

  it('never lets output time fall, and agrees with the frames', () => {
    fc.assert(
      fc.property(keeps, fc.constantFrom(24000 / 1001, 25, 60), (keep, fps) => {
        const map = buildEditMap(keep);
        const times = Array.from({ length: 200 }, (_, index) => toOutputS(map, (index / 200) * (keep.at(-1)!.end_frame / fps), fps));
        for (const [index, time] of times.entries()) expect(time).toBeGreaterThanOrEqual(times[index - 1] ?? 0);
        for (const { start_frame } of keep)
          expect(toOutputS(map, start_frame / fps, fps)).toBeCloseTo(toOutputFrame(map, start_frame)! / fps, 9);
        expect(toOutputS(map, 1e6, fps)).toBeCloseTo(map.frames / fps, 9);
      }),
      { numRuns: 20 },
    );
  });
});

describe('checkPlan', () => {
  const good = rules(
    directorInput({
      speech: [
        [1, 3],
        [5, 8],
      ],
      words: [['hello', 1, 2]],
    }),
  );
  const problems = (change: Partial<EditPlan>) => checkPlan({ ...good, ...change }).map((problem) => problem.pointer);

  it('finds nothing wrong with a good plan', () => expect(checkPlan(good)).toEqual([]));

  it.each<[string, Partial<EditPlan>, string]>([
    ['an overlap', { keep: [...good.keep, { start_frame: 200, end_frame: 202 }] }, '/keep/2/start_frame'],
    ['a range past the end', { cuts: [...good.cuts.slice(0, -1), { ...good.cuts.at(-1)!, end_frame: 251 }] }, '/cuts/2/end_frame'],
    ['an empty range', { uncertain: [{ ...good.cuts[0]!, end_frame: good.cuts[0]!.start_frame }] }, '/uncertain/0'],
    ['a hole', { cuts: good.cuts.slice(1) }, '/keep'],
    [
      'a piece under four frames',
      {
        keep: [{ start_frame: 0, end_frame: 3 }],
        cuts: [{ ...good.cuts[0]!, start_frame: 3, end_frame: 250 }],
        captions: { ...good.captions, words: [] },
      },
      '/keep/0',
    ],
    ['a word past the end', { captions: { ...good.captions, words: [{ text: 'x', start_s: 5, end_s: 99 }] } }, '/captions/words/0/end_s'],
    ['a word without length', { captions: { ...good.captions, words: [{ text: 'x', start_s: 1, end_s: 1 }] } }, '/captions/words/0'],
    [
      'a thumbnail of unknown layout',
      { thumbnails: [{ frame: 2, headline: '', impact: 0, layout: 'pie' as 'full' }] },
      '/thumbnails/0/layout',
    ],
    ['a thumbnail past the end', { thumbnails: [{ frame: 250, headline: '', impact: 0, layout: 'full' }] }, '/thumbnails/0/frame'],
    ['a shape that is no plan', { by: 'x'.repeat(101) }, '/by'],
  ])('finds %s', (_what, change, pointer) => {
    expect(problems(change)).toContain(pointer);
  });
});
