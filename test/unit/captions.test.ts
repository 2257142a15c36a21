import fc from 'fast-check';
import { parse } from 'subsrt-ts';
import { describe, expect, it } from 'vitest';
import type { PlanWord } from '#contracts/plan';
import { parseCues } from '#director/cues';
import { buildCues, buildSrt, buildVtt } from '#media/captions/captions';

const speak = (sentence: string, options: { fromS?: number; eachS?: number } = {}): PlanWord[] => {
  const { fromS = 0, eachS = 0.3 } = options;
  return sentence.split(' ').map((text, index) => ({ text, start_s: fromS + index * eachS, end_s: fromS + (index + 1) * eachS }));
};

const arbitraryWords = fc
  .array(
    fc.record({
      text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
      gapS: fc.double({ min: 0, max: 2, noNaN: true }),
      lengthS: fc.double({ min: 0.01, max: 3, noNaN: true }),
    }),
    { maxLength: 60 },
  )
  .map((steps) => {
    let now = 0;
    return steps.map(({ text, gapS, lengthS }) => {
      const start_s = now + gapS;
      now = start_s + lengthS;
      return { text, start_s, end_s: now };
    });
  });

describe('caption cues', () => {
  it('breaks at sentence ends and at pauses', () => {
    const words = [...speak('Hello there.'), ...speak('We begin', { fromS: 0.6 }), ...speak('now', { fromS: 3 })];
    expect(buildCues(words).map((cue) => cue.lines)).toEqual([['Hello there.'], ['We begin'], ['now']]);
  });

  it('breaks a long cue into two even lines', () => {
    const [cue] = buildCues(speak('the quick brown fox jumps over the lazy dog and runs away', { eachS: 0.2 }));
    expect(cue!.lines).toEqual(['the quick brown fox jumps over', 'the lazy dog and runs away']);
  });

  it('shows a short cue long enough to be read, when a pause follows', () => {
    const words = [...speak('Yes.', { eachS: 0.2 }), ...speak('Go on', { fromS: 0.5 }), ...speak('then.', { fromS: 3, eachS: 0.2 })];
    expect(buildCues(words).map((cue) => [cue.startMs, cue.endMs])).toEqual([
      [0, 500],
      [500, 1300],
      [3000, 3200],
    ]);
  });

  it('never gives more than two lines of 42 characters, seven seconds, or an overlap', () => {
    fc.assert(
      fc.property(arbitraryWords, (words) => {
        const cues = buildCues(words);
        for (const [index, cue] of cues.entries()) {
          expect(cue.lines.length).toBeLessThanOrEqual(2);
          for (const line of cue.lines) expect(line.length).toBeLessThanOrEqual(42);
          expect(cue.endMs).toBeGreaterThan(cue.startMs);
          expect(cue.endMs - cue.startMs).toBeLessThanOrEqual(7_001);
          expect(cue.startMs).toBeGreaterThanOrEqual(cues[index - 1]?.endMs ?? 0);
        }
      }),
    );
  });

  it('loses no letter of what was said', () => {
    fc.assert(
      fc.property(arbitraryWords, (words) => {
        const letters = (text: string) => text.replace(/[\s\p{Cc}]/gu, '');
        const longEnough = words.filter((word) => word.end_s - word.start_s > 0.2);
        expect(
          letters(
            buildCues(longEnough)
              .flatMap((cue) => cue.lines)
              .join(''),
          ),
        ).toBe(letters(longEnough.map((word) => word.text).join('')));
      }),
    );
  });
});

describe('SRT and WebVTT', () => {
  const words = [...speak('It is a < b & c.'), ...speak('Then --> stop', { fromS: 5, eachS: 0.5 })];

  it('reads back through subsrt-ts with the same times and text', () => {
    const captions = parse(buildSrt(words), { format: 'srt' }).filter((caption) => caption.type === 'caption');
    expect(captions.map(({ start, end, text }) => [start, end, text.trim()])).toEqual([
      [0, 2100, 'It is a < b & c.'],
      [5000, 6500, 'Then → stop'],
    ]);
  });

  it('writes WebVTT that our own reader understands in full', () => {
    expect(parseCues(buildVtt(words)).cues).toEqual([
      { startS: 0, endS: 2.1, text: 'It is a < b & c.' },
      { startS: 5, endS: 6.5, text: 'Then --> stop' },
    ]);
  });

  it('lets no markup of a word pass', () => {
    const hostile = [
      { text: '<script>alert(1)</script>', start_s: 0, end_s: 1 },
      { text: '{\\an8}x', start_s: 1, end_s: 2 },
      { text: 'a\n\n2\nb', start_s: 2, end_s: 3 },
    ];
    const srt = buildSrt(hostile);
    expect(srt).not.toMatch(/<[a-z/]|[{}]/i);
    expect(parseCues(srt).cues).toHaveLength(parseCues(srt.replace(/\n\n\d+\n/g, '\n\n')).cues.length);
    expect(buildVtt(hostile)).not.toMatch(/<[a-z/]/i);
  });

  it('reads back to the same cues for any words', () => {
    fc.assert(
      fc.property(arbitraryWords, (any) => {
        const cues = buildCues(any);
        const read = parseCues(buildVtt(any)).cues;
        expect(read.map((cue) => [Math.round(cue.startS * 1000), Math.round(cue.endS * 1000)])).toEqual(
          cues.map((cue) => [cue.startMs, cue.endMs]),
        );
      }),
    );
  });

  it('writes an empty file for a silent film', () => {
    expect(buildSrt([])).toBe('');
    expect(buildVtt([])).toBe('WEBVTT\n\n');
  });
});
