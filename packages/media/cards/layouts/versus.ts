import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, paddingOf } from '../panel.ts';
import { drawText, heightOf, round } from '../svg.ts';
import { fitText } from '../text.ts';

/** Two things set against each other, without numbers. */
export function layVersus({ left: one, right: other }: { left: string; right: string }, layout: Layout): Card {
  const { unit, theme } = layout;
  const width = widthFor(layout, 980);
  const room = width - 2 * paddingOf(layout);
  const disc = 44 * unit;
  const half = (room - 2 * disc - 48 * unit) / 2;
  const sides = [one, other].map((text) => fitText(text, { size: 52 * unit, maxWidth: half, maxLines: 3 }));
  const height = Math.max(2 * disc, ...sides.map(heightOf));
  return buildPanel(
    {
      anchor: 'lower',
      width,
      height,
      draw: (progress, { left, top }) => {
        const middle = { x: left + room / 2, y: top + height / 2 };
        const against = { lines: ['vs'], size: disc * 0.8 };
        const texts = sides.map((text, index) => {
          const shown = easeOut(progress, 0.1 + 0.25 * index, 0.5);
          const away = (index === 0 ? -1 : 1) * (1 - shown) * 16 * unit;
          const x = left + (index === 0 ? half / 2 : room - half / 2) + away;
          const fill = index === 0 ? theme.text : theme.accentText;
          return drawText(text, {
            x,
            y: middle.y - heightOf(text) / 2 + text.size * 1.06,
            fill,
            bold: true,
            anchor: 'middle',
            opacity: shown,
          });
        });
        return [
          `<circle cx="${round(middle.x)}" cy="${round(middle.y)}" r="${round(disc * easeOut(progress, 0, 0.4))}" fill="${theme.accent}"/>`,
          drawText(against, {
            ...middle,
            y: middle.y + against.size * 0.3,
            fill: theme.onAccent,
            bold: true,
            anchor: 'middle',
            opacity: easeOut(progress, 0.1, 0.4),
          }),
          ...texts,
        ].join('');
      },
    },
    layout,
  );
}
