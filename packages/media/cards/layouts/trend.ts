import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, fitTitle, paddingOf } from '../panel.ts';
import { drawText, heightOf, lineHeight, round } from '../svg.ts';
import { fitText } from '../text.ts';
import { formatValue } from '../value-text.ts';
import type { ChartSpec } from './bars.ts';

/** A line through the values from left to right, drawn as it goes; the last one is the point. */
export function layTrend({ title, labels, values, unit: sign }: ChartSpec, layout: Layout): Card {
  const { unit, theme } = layout;
  const width = widthFor(layout, 720);
  const room = width - 2 * paddingOf(layout);
  const column = room / values.length;
  const numbers = values.map((value) =>
    fitText(formatValue(value, sign), { size: 38 * unit, maxWidth: column * 0.94, maxLines: 1, least: 0.3 }),
  );
  const names = labels.map((label) => fitText(label, { size: 28 * unit, maxWidth: column * 0.94, maxLines: 2 }));
  const nameHeight = Math.max(0, ...names.map(heightOf));
  const numberHeight = 38 * unit * lineHeight + 26 * unit;
  const plot = 240 * unit;
  return buildPanel(
    {
      anchor: 'side',
      width,
      height: numberHeight + plot + 28 * unit + nameHeight,
      title: fitTitle(title, room, layout),
      draw: (progress, { left, top }) => {
        const foot = top + numberHeight + plot;
        const points = toPoints(values).map(({ x, y }) => ({
          x: left + column * (0.5 + x * (values.length - 1)),
          y: foot - 0.86 * plot * y,
        }));
        const reached = easeOut(progress, 0.05, 0.85) * (values.length - 1);
        const line = drawnPart(points, reached);
        const path = line.map(({ x, y }) => `${round(x)},${round(y)}`).join(' ');
        const area = `${round(points[0]!.x)},${round(foot)} ${path} ${round(line.at(-1)!.x)},${round(foot)}`;
        const marks = points.map(({ x, y }, index) => {
          const shown = easeOut(Math.min(1, Math.max(0, (reached - index + 0.25) * 4)));
          const isLast = index === points.length - 1;
          const [number, name] = [numbers[index]!, names[index]];
          return [
            shown > 0
              ? `<circle cx="${round(x)}" cy="${round(y)}" r="${round(10 * unit * shown)}" fill="${isLast ? theme.accent : theme.text}"/>`
              : '',
            drawText(number, {
              x,
              y: y - 32 * unit,
              fill: isLast ? theme.accentText : theme.text,
              bold: true,
              anchor: 'middle',
              opacity: shown,
            }),
            name ? drawText(name, { x, y: foot + 24 * unit + name.size, fill: theme.muted, anchor: 'middle', opacity: shown }) : '',
          ].join('');
        });
        return [
          `<line x1="${left}" x2="${round(left + room)}" y1="${round(foot)}" y2="${round(foot)}" stroke="${theme.second}" stroke-width="${round(2 * unit)}"/>`,
          `<polygon points="${area}" fill="${theme.accent}" opacity="0.16"/>`,
          `<polyline points="${path}" fill="none" stroke="${theme.accent}" stroke-width="${round(7 * unit)}" stroke-linecap="round" stroke-linejoin="round"/>`,
          ...marks,
        ].join('');
      },
    },
    layout,
  );
}

interface Point {
  x: number;
  y: number;
}

/** Both in 0–1, from zero (or the lowest, when some are negative) to the highest: no cut-off axis. */
function toPoints(values: readonly number[]): Point[] {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  return values.map((value, index) => ({ x: index / (values.length - 1), y: (value - low) / (high - low || 1) }));
}

function drawnPart(points: readonly Point[], reached: number): Point[] {
  const whole = Math.floor(reached);
  const [from, to] = [points[whole]!, points[whole + 1]];
  if (to === undefined) return [...points];
  const rest = reached - whole;
  return [...points.slice(0, whole + 1), { x: from.x + (to.x - from.x) * rest, y: from.y + (to.y - from.y) * rest }];
}
