import { type Card, easeOut, type Layout, place, widthFor } from '../card.ts';
import { paddingOf, wrapSvg } from '../panel.ts';
import { drawRect, drawText, heightOf } from '../svg.ts';
import { fitText, widestLine } from '../text.ts';

/** A lower third: a bar of the accent, then the panel and its words from behind it. */
export function layTitle({ text, detail }: { text: string; detail: string }, layout: Layout): Card {
  const { unit, theme } = layout;
  const padding = paddingOf(layout) * 0.8;
  const bar = 12 * unit;
  const widest = widthFor(layout, 1100) - bar - 2 * padding;
  const head = fitText(text, { size: 58 * unit, maxWidth: widest, maxLines: 2 });
  const below = detail.trim() === '' ? null : fitText(detail, { size: 34 * unit, maxWidth: widest, maxLines: 1, least: 0.6 });
  const room = Math.max(widestLine(head), below ? widestLine(below) : 0);
  const height = heightOf(head) + (below ? 6 * unit + heightOf(below) : 0) + 1.5 * padding;
  const box = place({ width: room + bar + 2 * padding, height }, layout, 'lower');
  return {
    ...box,
    draw: (progress) => {
      const opened = easeOut(progress, 0.15, 0.6);
      const shown = easeOut(progress, 0.45, 0.5);
      const panel = { x: bar, y: 0, width: (box.width - bar) * opened, height: box.height };
      const x = bar + padding - (1 - shown) * 14 * unit;
      return wrapSvg(
        box,
        [
          drawRect(panel, { fill: theme.panel }),
          drawRect(
            { x: 0, y: box.height * (0.5 - 0.5 * easeOut(progress, 0, 0.3)), width: bar, height: box.height * easeOut(progress, 0, 0.3) },
            { fill: theme.accent },
          ),
          drawText(head, { x, y: 0.75 * padding + head.size * 0.97, fill: theme.text, bold: true, opacity: shown }),
          below
            ? drawText(below, { x, y: 0.75 * padding + heightOf(head) + 6 * unit + below.size * 0.9, fill: theme.muted, opacity: shown })
            : '',
        ].join(''),
      );
    },
  };
}
