import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, paddingOf } from '../panel.ts';
import { drawText, heightOf, round } from '../svg.ts';
import { fitText, widestLine } from '../text.ts';
import { formatValue } from '../value-text.ts';

interface StatSpec {
  value: number;
  unit: string;
  text: string;
}

/** One number, large, and what it says; a share of a hundred is a ring beside its words. */
export function layStat(spec: StatSpec, layout: Layout): Card {
  const isShare = spec.unit === '%' && spec.value >= 0 && spec.value <= 100;
  return isShare ? layShare(spec, layout) : layNumber(spec, layout);
}

function layShare({ value, unit: sign, text }: StatSpec, layout: Layout): Card {
  const { unit, theme } = layout;
  const widest = widthFor(layout, 860);
  const radius = Math.min(118 * unit, widest * 0.19);
  const stroke = radius * 0.2;
  const gap = 40 * unit;
  const taken = 2 * paddingOf(layout) + 2 * radius + gap;
  const room = widest - taken;
  const words = fitText(text, { size: 42 * unit, maxWidth: room, maxLines: 4 });
  const number = fitText(formatValue(value, sign), {
    size: radius * 0.56,
    maxWidth: 2 * (radius - stroke) * 0.88,
    maxLines: 1,
    least: 0.4,
  });
  const width = Math.min(widest, taken + widestLine(words));
  const height = Math.max(2 * radius, heightOf(words));
  const turn = 2 * Math.PI * (radius - stroke / 2);
  return buildPanel(
    {
      anchor: 'lower',
      width,
      height,
      draw: (progress, { left, top }) => {
        const middle = { x: left + radius, y: top + height / 2 };
        const ring = (colour: string, share: number) =>
          `<circle cx="${round(middle.x)}" cy="${round(middle.y)}" r="${round(radius - stroke / 2)}" fill="none" stroke="${colour}" stroke-width="${round(stroke)}" stroke-dasharray="${round(turn * share)} ${round(2 * turn)}" transform="rotate(-90 ${round(middle.x)} ${round(middle.y)})"/>`;
        const share = (value / 100) * easeOut(progress, 0.1, 0.9);
        const textTop = top + (height - heightOf(words)) / 2 + words.size;
        return [
          ring(theme.track, 1),
          share > 0 ? ring(theme.accent, share) : '',
          drawText(number, { ...middle, y: middle.y + number.size * 0.36, fill: theme.text, bold: true, anchor: 'middle' }),
          drawText(words, { x: left + 2 * radius + gap, y: textTop, fill: theme.text, opacity: easeOut(progress, 0.15, 0.5) }),
        ].join('');
      },
    },
    layout,
  );
}

function layNumber({ value, unit: sign, text }: StatSpec, layout: Layout): Card {
  const { unit, theme } = layout;
  const widest = widthFor(layout, 860);
  const room = widest - 2 * paddingOf(layout);
  const number = fitText(formatValue(value, sign), { size: 120 * unit, maxWidth: room, maxLines: 1, least: 0.3 });
  const words = fitText(text, { size: 42 * unit, maxWidth: room, maxLines: 3 });
  const width = Math.min(widest, Math.max(widestLine(number), widestLine(words)) + 2 * paddingOf(layout));
  return buildPanel(
    {
      anchor: 'lower',
      width,
      height: number.size * 1.12 + heightOf(words),
      draw: (progress, { left, top }) => {
        const rise = (1 - easeOut(progress)) * number.size * 0.12;
        return [
          drawText(number, {
            x: left,
            y: top + number.size * 0.86 + rise,
            fill: theme.accentText,
            bold: true,
            opacity: easeOut(progress, 0, 0.6),
          }),
          drawText(words, { x: left, y: top + number.size * 1.12 + words.size, fill: theme.text, opacity: easeOut(progress, 0.25, 0.6) }),
        ].join('');
      },
    },
    layout,
  );
}
