import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, fitTitle, paddingOf } from '../panel.ts';
import { drawRect, drawText, heightOf } from '../svg.ts';
import { fitText, widthOf } from '../text.ts';
import { formatValue } from '../value-text.ts';

export interface ChartSpec {
  title: string;
  labels: readonly string[];
  values: readonly number[];
  unit: string;
}

/** Bars from zero, the longest in the accent; numbers stand still from the first frame, only lengths grow. */
export function layBars({ title, labels, values, unit: sign }: ChartSpec, layout: Layout): Card {
  const { unit, theme } = layout;
  const width = widthFor(layout, 720);
  const room = width - 2 * paddingOf(layout);
  const largest = Math.max(...values.map(Math.abs)) || 1;
  const thickness = 24 * unit;
  const rows = values.map((value, index) => {
    const number = fitText(formatValue(value, sign), { size: 38 * unit, maxWidth: room * 0.5, maxLines: 1, least: 0.4 });
    const taken = widthOf(number.lines[0]!, number.size) + 24 * unit;
    const name = fitText(labels[index]!, { size: 32 * unit, maxWidth: room - taken, maxLines: 2 });
    return { number, name, share: Math.abs(value) / largest, textHeight: Math.max(heightOf(name), heightOf(number)) };
  });
  const gap = 26 * unit;
  const heights = rows.map(({ textHeight }) => textHeight + 8 * unit + thickness + gap);
  return buildPanel(
    {
      anchor: 'side',
      width,
      height: heights.reduce((sum, height) => sum + height, -gap),
      title: fitTitle(title, room, layout),
      draw: (progress, { left, top }) => {
        let y = top;
        return rows
          .map(({ number, name, share, textHeight }, index) => {
            const foot = y + textHeight;
            const grown = easeOut(progress, Math.min(0.4, 0.12 * index), 0.6);
            const shown = easeOut(progress, Math.min(0.4, 0.12 * index), 0.25);
            y += heights[index]!;
            const bar = { x: left, y: foot + 8 * unit, width: room, height: thickness };
            const nameTop = foot - heightOf(name) + name.size;
            return [
              drawText(name, { x: left, y: nameTop, fill: theme.muted, opacity: shown }),
              drawText(number, {
                x: left + room,
                y: foot - heightOf(number) + number.size,
                fill: theme.text,
                bold: true,
                anchor: 'end',
                opacity: shown,
              }),
              drawRect(bar, { fill: theme.track, radius: thickness }),
              drawRect({ ...bar, width: room * share * grown }, { fill: share === 1 ? theme.accent : theme.second, radius: thickness }),
            ].join('');
          })
          .join('');
      },
    },
    layout,
  );
}
