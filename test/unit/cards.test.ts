import { describe, expect, test } from 'vitest';
import { type Drawing, themeNames } from '#contracts/overlays';
import { buildCard } from '#media/cards/build-card';
import { picturesOf, stateAt } from '#media/cards/motion';
import { cleanText, fitText, widthOf } from '#media/cards/text';
import { chooseTheme, contrast, minContrast } from '#media/cards/theme';
import { formatValue } from '#media/cards/value-text';
import { drawings } from '../helpers/drawings.ts';

const stages = [
  { width: 1920, height: 1080, floor: 0.95 },
  { width: 1920, height: 1080, floor: 0.74 },
  { width: 1080, height: 1920, floor: 0.74 },
  { width: 640, height: 360, floor: 0.95 },
  { width: 426, height: 240, floor: 0.74 },
];
const hostile = [
  '<script>alert("x")</script> & \'y\' ]]> <!--',
  'a\u0000b\u0007\u202Ecod\u202C \uD800 \uFFFF',
  'مرحبا بالعالم هذا نص طويل بعض الشيء',
  '😀😀 smile 👩‍👩‍👧',
  'W'.repeat(160),
  'word '.repeat(32).trim(),
  `e${'\u0301'.repeat(100)}`,
];

describe('themes', () => {
  test.each(themeNames)('%s: every text can be read on what lies below it', (theme) => {
    for (const accent of [undefined, '#000000', '#ffffff', '#101418', '#777777', '#ff0000', '#00ff88']) {
      const { panel, text, muted, accentText, onAccent, accent: shape } = chooseTheme({ theme, ...(accent && { accent }) });
      const pairs = [
        [text, panel],
        [muted, panel],
        [accentText, panel],
        [onAccent, shape],
      ] as const;
      for (const [one, other] of pairs) expect(contrast(one, other)).toBeGreaterThanOrEqual(minContrast);
    }
  });

  test('contrast is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });
});

describe('cards', () => {
  test.each(stages)('lie inside the safe area of $width×$height above $floor, on even pixels', (stage) => {
    for (const drawing of [
      ...Object.values(drawings({ theme: 'paper' })),
      ...(stage.height === 240 ? hostile.flatMap(withText) : withText(hostile[4]!)),
    ]) {
      const { x, y, width, height, cramped } = buildCard(drawing, stage);
      expect([x, y, width, height].every((value) => value % 2 === 0 && value > 0)).toBe(true);
      expect(x).toBeGreaterThanOrEqual(stage.width * 0.05 - 2);
      expect(x + width).toBeLessThanOrEqual(stage.width * 0.95);
      expect(y).toBeGreaterThanOrEqual(stage.height * 0.05);
      expect(y + height).toBeLessThanOrEqual(stage.height * stage.floor);
      expect(cramped).toBe(false);
    }
  });

  test.each(hostile)('draw “%s” as text and nothing else', (text) => {
    for (const drawing of withText(text)) {
      const { draw } = buildCard(drawing, stages[0]!);
      for (const progress of [0, 0.5]) {
        const svg = draw(progress);
        const tags = new Set([...svg.matchAll(/<\/?([a-z]+)/g)].map((tag) => tag[1]));
        expect([...tags].filter((tag) => !['svg', 'rect', 'text', 'circle', 'line', 'polygon', 'polyline'].includes(tag!))).toEqual([]);
        expect(svg).not.toMatch(/NaN|undefined|Infinity|\p{Cc}|[\uD800-\uDFFF]/u);
      }
    }
  });

  test('say numbers in full: never rounded, never between two values', () => {
    expect([42, 3_500_000, 1_250, 1_234_567, 0.5, -3].map((value) => formatValue(value, ''))).toEqual([
      '42',
      '3.5m',
      '1,250',
      '1,234,567',
      '0.5',
      '−3',
    ]);
    expect([formatValue(4.1e6, '$'), formatValue(12, '%'), formatValue(3, '×'), formatValue(15, 'hours')]).toEqual([
      '$4.1m',
      '12 %',
      '3×',
      '15 hours',
    ]);
    const { bars } = drawings({ theme: 'midnight' });
    for (const progress of [0.1, 0.4, 0.7, 1]) {
      const numbers = buildCard(bars!, stages[0]!)
        .draw(progress)
        .match(/>\d+ hours</g);
      expect((numbers ?? []).every((number) => ['>15 hours<', '>12 hours<', '>3 hours<'].includes(number))).toBe(true);
    }
  });
});

describe('text', () => {
  test.each(hostile)('“%s” stays within its lines', (text) => {
    const { lines, size } = fitText(text, { size: 40, maxWidth: 300, maxLines: 3 });
    expect(lines.length).toBeLessThanOrEqual(3);
    for (const line of lines) expect(widthOf(line, size)).toBeLessThanOrEqual(300);
  });

  test('is broken evenly, and cut with an ellipsis when it must be', () => {
    expect(fitText('interest you have earned before', { size: 40, maxWidth: 560, maxLines: 3 }).lines).toEqual([
      'interest you have',
      'earned before',
    ]);
    expect(fitText('word '.repeat(90), { size: 40, maxWidth: 300, maxLines: 2 }).lines.at(-1)).toMatch(/word…$/);
    expect(cleanText('a\u0000\u202Eb\n\tc \uD800')).toBe('a b c');
  });
});

describe('motion', () => {
  test('comes in, stands still, fades, and every state depends on the frame alone', () => {
    const card = { frames: 100, fps: 25 };
    const states = Array.from({ length: 100 }, (_, index) => stateAt(index, card));
    const progress = states.map((state) => state.progress);
    expect(progress).toEqual(progress.toSorted((one, other) => one - other));
    expect(states.filter((state) => state.progress === 1 && state.opacity === 1)).toHaveLength(72);
    expect(states.every(({ opacity }) => opacity > 0 && opacity <= 1)).toBe(true);
  });

  test('a piece draws each picture once, and an empty one where a card ends inside it', () => {
    const card = { start: 10, frames: 100, fps: 25 };
    const whole = picturesOf(card, 200);
    expect(whole.map(({ frame }) => frame).slice(19, 23)).toEqual([29, 30, 102, 103]);
    expect(whole.at(-1)).toEqual({ frame: 110, progress: 1, opacity: 0 });
    expect(picturesOf({ ...card, start: -60 }, 20)).toEqual([{ frame: 0, progress: 1, opacity: 1 }]);
    expect(picturesOf(card, 10)).toEqual([]);
  });
});

/** The same words wherever words can stand. */
function withText(text: string): Drawing[] {
  const theme = 'signal' as const;
  return [
    { kind: 'title', spec: { text, detail: text, theme } },
    { kind: 'quote', spec: { text: `${text} ${text}`, by: text, theme } },
    { kind: 'card', spec: { layout: 'stat', value: 42, unit: '%', text, theme } },
    { kind: 'card', spec: { layout: 'stat', value: 1e15, unit: text, text, theme } },
    { kind: 'card', spec: { layout: 'list', title: text, items: [text, text, text, text, text, text], theme } },
    { kind: 'card', spec: { layout: 'definition', term: text, meaning: text, theme } },
    { kind: 'card', spec: { layout: 'versus', left: text, right: text, theme } },
    { kind: 'chart', spec: { form: 'bars', title: text, labels: [text, text], values: [1, -1e15], unit: text, theme } },
    { kind: 'chart', spec: { form: 'trend', title: text, labels: [text, text, text], values: [0, 0, 0], unit: text, theme } },
  ];
}
