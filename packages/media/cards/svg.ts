import type { FittedText } from './text.ts';

export interface Placed {
  x: number;
  /** Base line of the first line. */
  y: number;
  fill: string;
  bold?: boolean;
  serif?: boolean;
  anchor?: 'start' | 'middle' | 'end';
  /** 0–1. */
  opacity?: number;
  /** Colour of a line around the letters. */
  outline?: string;
}

export const lineHeight = 1.28;

/** Height of a block from the top of its first line to the foot of its last. */
export const heightOf = ({ lines, size }: FittedText): number => lines.length * size * lineHeight;

/** One `<text>` per line; all text of a card goes through here and is escaped. */
export function drawText({ lines, size }: FittedText, { x, y, fill, bold, serif, anchor = 'start', opacity = 1, outline }: Placed): string {
  if (opacity <= 0) return '';
  const face = serif ? 'font-family="DejaVu Serif" font-style="italic"' : `font-family="DejaVu Sans" font-weight="${bold ? 700 : 400}"`;
  const edge = outline ? ` stroke="${outline}" stroke-width="${round(size / 12)}" stroke-linejoin="round" paint-order="stroke"` : '';
  const look = `${face}${edge} font-size="${round(size)}" fill="${fill}" text-anchor="${anchor}"${opacity < 1 ? ` opacity="${round(opacity)}"` : ''}`;
  return lines
    .map((line, index) => `<text x="${round(x)}" y="${round(y + index * size * lineHeight)}" ${look}>${escapeXml(line)}</text>`)
    .join('');
}

export function drawRect(
  at: { x: number; y: number; width: number; height: number },
  { fill, radius = 0 }: { fill: string; radius?: number },
): string {
  if (at.width <= 0 || at.height <= 0) return '';
  const [x, y, width, height] = [at.x, at.y, at.width, at.height].map(round);
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="${round(Math.min(radius, at.width / 2, at.height / 2))}" fill="${fill}"/>`;
}

export const round = (value: number): number => Math.round(value * 100) / 100;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escapeXml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character]!);
