import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitWords } from '#director/fit-words';

const runs = (...spans: [number, number][]) => spans.map(([start_s, end_s]) => ({ start_s, end_s }));
const edges = (words: ReturnType<typeof fitWords>) =>
  words.map(({ text, start_s, end_s }) => [text, Number(start_s.toFixed(3)), Number(end_s.toFixed(3))]);

describe('the words of one subtitle', () => {
  it('share a run of speech by their letters', () => {
    expect(edges(fitWords(['abc', 'd'], runs([0, 6])))).toEqual([
      ['abc', 0, 4],
      ['d', 4, 6],
    ]);
  });

  it('go to the runs of speech whose lengths they fill, never across a pause', () => {
    expect(edges(fitWords(['to', 'be', 'considerable'], runs([0, 0.6], [2, 3.3])))).toEqual([
      ['to', 0, 0.3],
      ['be', 0.3, 0.6],
      ['considerable', 2, 3.3],
    ]);
  });

  it('break behind punctuation when the lengths leave it open', () => {
    const words = fitWords(['one,', 'two', 'one', 'two'], runs([0, 0.6], [1, 2]));
    expect(words.map((word) => word.start_s < 0.9)).toEqual([true, false, false, false]);
  });

  it('know that a filler is drawn out', () => {
    expect(edges(fitWords(['um', 'we', 'went'], runs([0, 0.5], [0.9, 1.7])))[0]).toEqual(['um', 0, 0.5]);
  });

  it('are fewer than the runs: the shortest pause is spoken over', () => {
    expect(edges(fitWords(['yes', 'no'], runs([0, 1], [1.1, 2], [5, 6])))).toEqual([
      ['yes', 0, 2],
      ['no', 5, 6],
    ]);
  });

  it('are all there, in order, without overlap, inside the speech', () => {
    const words = fc.array(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 70 });
    const speech = fc
      .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 15 })
      .map((steps) => {
        let now = 0;
        return steps.map(([gap, length]) => {
          const start_s = now + gap / 100;
          now = start_s + length / 100;
          return { start_s, end_s: now };
        });
      });
    fc.assert(
      fc.property(words, speech, (texts, heard) => {
        const fitted = fitWords(texts, heard);
        expect(fitted.map((word) => word.text)).toEqual(texts);
        for (const [index, word] of fitted.entries()) {
          expect(word.end_s).toBeGreaterThan(word.start_s);
          expect(word.start_s).toBeGreaterThanOrEqual((fitted[index - 1]?.end_s ?? heard[0]!.start_s) - 1e-9);
        }
        expect(fitted.at(-1)!.end_s).toBeCloseTo(heard.at(-1)!.end_s, 9);
      }),
      { numRuns: 50 },
    );
  });
});
