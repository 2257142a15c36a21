import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, paddingOf } from '../panel.ts';
import { drawText, heightOf } from '../svg.ts';
import { fitText, widestLine } from '../text.ts';

/** Words as they were said, in italics below a large mark. */
export function layQuote({ text, by }: { text: string; by: string }, layout: Layout): Card {
  const { unit, theme } = layout;
  const room = widthFor(layout, 1060) - 2 * paddingOf(layout);
  const words = fitText(text, { size: 46 * unit, maxWidth: room, maxLines: 5, least: 0.6 });
  const name = by.trim() === '' ? null : fitText(`— ${by}`, { size: 32 * unit, maxWidth: room, maxLines: 1, least: 0.5 });
  const mark = { lines: ['“'], size: 150 * unit };
  const markHeight = 62 * unit;
  return buildPanel(
    {
      anchor: 'lower',
      width: Math.min(room, Math.max(widestLine(words), name ? widestLine(name) : 0)) + 2 * paddingOf(layout),
      height: markHeight + heightOf(words) + (name ? 20 * unit + heightOf(name) : 0),
      draw: (progress, { left, top }) => {
        const wordsTop = top + markHeight;
        return [
          drawText(mark, {
            x: left - 6 * unit,
            y: top + mark.size * 0.7,
            fill: theme.accent,
            serif: true,
            opacity: easeOut(progress, 0, 0.5),
          }),
          drawText(words, { x: left, y: wordsTop + words.size, fill: theme.text, serif: true, opacity: easeOut(progress, 0.15, 0.7) }),
          name
            ? drawText(name, {
                x: left,
                y: wordsTop + heightOf(words) + 20 * unit + name.size,
                fill: theme.muted,
                opacity: easeOut(progress, 0.4, 0.6),
              })
            : '',
        ].join('');
      },
    },
    layout,
  );
}
