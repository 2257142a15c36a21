import { type Anchor, type Card, type Layout, place } from './card.ts';
import { drawRect, drawText, heightOf, round } from './svg.ts';
import { type FittedText, fitText } from './text.ts';

/** Where content begins inside a panel. */
export interface Inside {
  left: number;
  top: number;
}

export interface PanelContent {
  anchor: Anchor;
  /** Of the whole panel. */
  width: number;
  /** Of what `draw` draws. */
  height: number;
  title?: FittedText | null;
  draw(progress: number, inside: Inside): string;
}

export const paddingOf = ({ unit }: Layout): number => Math.round(44 * unit);

/** A heading over at most two lines; null when there is nothing to say. */
export function fitTitle(text: string, width: number, { unit }: Layout): FittedText | null {
  return text.trim() === '' ? null : fitText(text, { size: 36 * unit, maxWidth: width, maxLines: 2 });
}

/** Rounded, opaque panel with a short bar of the accent above its heading. */
export function buildPanel(content: PanelContent, layout: Layout): Card {
  const { unit, theme } = layout;
  const padding = paddingOf(layout);
  const title = content.title ?? null;
  const bar = { width: 56 * unit, height: 7 * unit };
  const titleTop = padding + bar.height + 20 * unit;
  const top = title === null ? padding : titleTop + heightOf(title) + 18 * unit;
  const box = place({ width: content.width, height: top + content.height + padding }, layout, content.anchor);
  const inside = { left: padding, top };
  return {
    ...box,
    draw: (progress) => {
      const heading =
        title === null
          ? ''
          : drawRect({ x: padding, y: padding, ...bar, width: bar.width * easeBar(progress) }, { fill: theme.accent, radius: bar.height }) +
            drawText(title, { x: padding, y: titleTop + title.size, fill: theme.text, bold: true });
      const panel = drawRect({ x: 0, y: 0, width: box.width, height: box.height }, { fill: theme.panel, radius: 26 * unit });
      return wrapSvg(box, `${panel}${heading}${content.draw(progress, inside)}`);
    },
  };
}

const easeBar = (progress: number) => Math.min(1, progress * 3);

export function wrapSvg({ width, height }: { width: number; height: number }, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}">${body}</svg>`;
}
