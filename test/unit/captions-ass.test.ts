import fc from 'fast-check';
import { parse } from 'subsrt-ts';
import { describe, expect, it } from 'vitest';
import type { PlanWord } from '#contracts/plan';
import { buildAss, selectBurnWords } from '#media/captions/ass';
import { estimateWidth, fitFontSize } from '#media/captions/text-width';

const picture = { width: 1280, height: 720, fps: 25, font: 'DejaVu Sans' };
const word = (text: string, start_s: number, end_s: number): PlanWord => ({ text, start_s, end_s });
const events = (ass: string) =>
  ass
    .split('\n')
    .filter((line) => line.startsWith('Dialogue:'))
    .map((line) => {
      const [, start, end] = /^Dialogue: 0,([\d:.]+),([\d:.]+),/.exec(line)!;
      return { start: start!, end: end!, text: line.split(',').slice(9).join(',') };
    });
const plainText = (text: string) => text.replace(/\{[^}]*\}/g, '');
const toHundredths = (time: string) => {
  const [hours, minutes, seconds] = time.split(':');
  return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 100);
};

describe('burnt captions', () => {
  it('highlights each word of a line in its turn without a gap between them', () => {
    const ass = buildAss([word('we', 0, 0.2), word('go', 0.24, 0.6), word('on', 0.6, 1)], picture);
    expect(events(ass).map(({ start, end, text }) => [start, end, plainText(text)])).toEqual([
      ['0:00:00.00', '0:00:00.24', 'we go on'],
      ['0:00:00.24', '0:00:00.60', 'we go on'],
      ['0:00:00.60', '0:00:01.00', 'we go on'],
    ]);
    expect(events(ass)[1]!.text).toBe('we {\\c&H00FFFF&\\fscx90\\fscy90\\t(0,80,\\fscx108\\fscy108)}go{\\r} on');
  });

  it('keeps lines to four words and twenty characters, sixteen on upright pictures', () => {
    const words = 'one two three four five six extraordinarily long'.split(' ').map((text, i) => word(text, i * 0.3, i * 0.3 + 0.3));
    const lines = (size: { width: number; height: number }) => [
      ...new Set(events(buildAss(words, { ...picture, ...size })).map((event) => plainText(event.text))),
    ];
    expect(lines({ width: 1280, height: 720 })).toEqual(['one two three four', 'five six', 'extraordinarily long']);
    expect(lines({ width: 720, height: 1280 })).toEqual(['one two three', 'four five six', 'extraordinarily', 'long']);
  });

  it.each(['24000/1001', '24/1', '25/1', '30000/1001', '30/1', '50/1', '60000/1001', '60/1'])(
    'shows every frame of %s in exactly one event',
    (rate) => {
      const [num, den] = rate.split('/').map(Number);
      const fps = num! / den!;
      const words = Array.from({ length: 40 }, (_, index) => word(`w${index}`, (index * 3) / fps, ((index + 1) * 3) / fps));
      const shown = events(buildAss(words, { ...picture, fps })).map((event) => [toHundredths(event.start), toHundredths(event.end)]);
      for (let frame = 0; frame < 120; frame++) {
        const atMs = (1000 * frame) / fps;
        const live = shown.flatMap(([start, end], index) => (atMs >= start! * 10 && atMs < end! * 10 ? [index] : []));
        expect(live).toEqual([Math.floor(frame / 3)]);
      }
    },
  );

  it('lets no override of a word pass', () => {
    const ass = buildAss([word('{\\an8\\p1}m', 0, 0.3), word('a\\Nb\nc', 0.4, 0.8)], picture);
    for (const event of events(ass)) {
      expect(plainText(event.text)).toBe('(/an8/p1)m a/Nb c');
      expect(event.text).not.toContain('\\an8');
    }
  });

  it('never breaks lines by itself and stays in the lower part with margins', () => {
    const ass = buildAss([word('one', 0, 1)], picture);
    expect(ass).toContain('WrapStyle: 2');
    const style = ass
      .split('\n')
      .find((line) => line.startsWith('Style: '))!
      .split(',');
    expect(Number(style[21])).toBeGreaterThanOrEqual(0.15 * picture.height);
  });

  it('shrinks a line that would leave the safe area', () => {
    const [event] = events(buildAss([word('WWWWWWWWWWWWWWW', 0, 1)], { ...picture, width: 720, height: 1280 }));
    expect(event!.text).toMatch(/^\{\\fs\d+\}/);
    const size = Number(/\\fs(\d+)/.exec(event!.text)![1]);
    expect(size * estimateWidth('WWWWWWWWWWWWWWW') * 1.08).toBeLessThanOrEqual(720 * 0.88);
    expect(fitFontSize('WW', { size: 40, maxWidth: 1000 })).toBe(40);
  });

  it('is read back by subsrt-ts as the same number of events', () => {
    const words = Array.from({ length: 30 }, (_, index) => word(`word${index}`, index * 0.5, index * 0.5 + 0.4));
    const ass = buildAss(words, picture);
    expect(parse(ass, { format: 'ass' }).filter((caption) => caption.type === 'caption')).toHaveLength(events(ass).length);
  });

  it('never shows two lines at once, for any words', () => {
    const step = fc.record({ text: fc.string({ minLength: 1, maxLength: 30 }), gap: fc.nat(40), length: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let now = 0;
        const words = steps.map(({ text, gap, length }) => {
          const start_s = now + gap / 100;
          now = start_s + length / 100;
          return word(text, start_s, now);
        });
        const shown = events(buildAss(words, picture));
        for (const [index, event] of shown.entries()) {
          expect(toHundredths(event.end)).toBeGreaterThan(toHundredths(event.start));
          if (index > 0) expect(toHundredths(event.start)).toBeGreaterThanOrEqual(toHundredths(shown[index - 1]!.end));
        }
      }),
    );
  });
});

describe('the words of one piece', () => {
  it('give the same picture as the whole, seam or not', () => {
    const words = Array.from({ length: 30 }, (_, index) => word(`word${index}`, index * 0.3, index * 0.3 + 0.28));
    const whole = events(buildAss(words, picture));
    for (const seam of [40, 101, 150]) {
      const piece = selectBurnWords(words, { startS: seam / 25, endS: (seam + 50) / 25, ...picture });
      const pieces = events(buildAss(piece, picture));
      for (let frame = 0; frame < 50; frame++) {
        const at = (list: typeof whole, hundredths: number) =>
          list.find((event) => toHundredths(event.start) <= hundredths && hundredths < toHundredths(event.end))?.text;
        expect(at(pieces, frame * 4)).toBe(at(whole, (seam + frame) * 4));
      }
    }
  });
});
