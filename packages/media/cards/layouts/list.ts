import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, fitTitle, paddingOf } from '../panel.ts';
import { drawText, heightOf, lineHeight, round } from '../svg.ts';
import { fitText } from '../text.ts';

/** Numbered points, one after the other. */
export function layList({ title, items }: { title: string; items: readonly string[] }, layout: Layout): Card {
  const { unit, theme } = layout;
  const width = widthFor(layout, 720);
  const disc = 27 * unit;
  const indent = 2 * disc + 24 * unit;
  const room = width - 2 * paddingOf(layout);
  const texts = items.map((item) => fitText(item, { size: 36 * unit, maxWidth: room - indent, maxLines: 2 }));
  const gap = 26 * unit;
  const heights = texts.map((text) => Math.max(heightOf(text), 2 * disc) + gap);
  return buildPanel(
    {
      anchor: 'side',
      width,
      height: heights.reduce((sum, height) => sum + height, -gap),
      title: fitTitle(title, room, layout),
      draw: (progress, { left, top }) => {
        let y = top;
        return texts
          .map((text, index) => {
            const shown = easeOut(progress, (0.6 * index) / items.length, 0.4);
            const middle = y + (heights[index]! - gap) / 2;
            const number = { lines: [String(index + 1)], size: disc * 1.05 };
            y += heights[index]!;
            if (shown <= 0) return '';
            const slide = (1 - shown) * 18 * unit;
            const firstLine = middle - heightOf(text) / 2 + text.size * (1 + (lineHeight - 1) / 2) * 0.98;
            return [
              `<circle cx="${round(left + disc)}" cy="${round(middle)}" r="${round(disc)}" fill="${theme.accent}" opacity="${round(shown)}"/>`,
              drawText(number, {
                x: left + disc,
                y: middle + number.size * 0.36,
                fill: theme.onAccent,
                bold: true,
                anchor: 'middle',
                opacity: shown,
              }),
              drawText(text, { x: left + indent + slide, y: firstLine, fill: theme.text, opacity: shown }),
            ].join('');
          })
          .join('');
      },
    },
    layout,
  );
}
