import { type Card, easeOut, type Layout, widthFor } from '../card.ts';
import { buildPanel, paddingOf } from '../panel.ts';
import { drawRect, drawText, heightOf } from '../svg.ts';
import { fitText, widestLine } from '../text.ts';

/** A term, a line, and what it means. */
export function layDefinition({ term, meaning }: { term: string; meaning: string }, layout: Layout): Card {
  const { unit, theme } = layout;
  const widest = widthFor(layout, 900) - 2 * paddingOf(layout);
  const head = fitText(term, { size: 56 * unit, maxWidth: widest, maxLines: 2 });
  const body = fitText(meaning, { size: 38 * unit, maxWidth: widest, maxLines: 4 });
  const room = Math.min(widest, Math.max(widestLine(head), widestLine(body)));
  const rule = { gap: 20 * unit, height: Math.max(2, 3 * unit) };
  const headHeight = heightOf(head);
  return buildPanel(
    {
      anchor: 'lower',
      width: room + 2 * paddingOf(layout),
      height: headHeight + 2 * rule.gap + rule.height + heightOf(body),
      draw: (progress, { left, top }) => {
        const ruleTop = top + headHeight + rule.gap;
        return [
          drawText(head, { x: left, y: top + head.size, fill: theme.accentText, bold: true, opacity: easeOut(progress, 0, 0.4) }),
          drawRect({ x: left, y: ruleTop, width: room * easeOut(progress, 0.1, 0.7), height: rule.height }, { fill: theme.second }),
          drawText(body, {
            x: left,
            y: ruleTop + rule.height + rule.gap + body.size * 0.9,
            fill: theme.text,
            opacity: easeOut(progress, 0.3, 0.6),
          }),
        ].join('');
      },
    },
    layout,
  );
}
