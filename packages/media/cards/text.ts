import { estimateWidth } from '../captions/text-width.ts';

/** DejaVu Sans Condensed is nine tenths as wide as the face the estimate is for. */
const condensed = 0.9;

export interface TextFit {
  /** Largest wanted size, in pixels. */
  size: number;
  maxWidth: number;
  maxLines: number;
  /** Text is made smaller down to this share of `size`, then cut with an ellipsis. Default 0.7. */
  least?: number;
}

export interface FittedText {
  lines: string[];
  size: number;
}

/** Upper estimate of a line's width in pixels. */
export const widthOf = (text: string, size: number): number => estimateWidth(text) * condensed * size;

export const widestLine = ({ lines, size }: FittedText): number => Math.max(0, ...lines.map((line) => widthOf(line, size)));

/** What people and models wrote, fit to be drawn: no control or direction marks, no lone surrogates, no runs of blanks. */
export function cleanText(text: string): string {
  return text
    .replace(/[\uD800-\uDFFF]/gu, '')
    .replace(/[\p{Cc}\p{Co}\p{Cn}\u2028\u2029]/gu, ' ')
    .replace(/\p{Cf}|\uFE0F|\uFFFD/gu, '')
    .replace(/\p{M}{3,}/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Broken at blanks, inside a word only where one is wider than the line; never wider than `maxWidth`, never more lines than allowed. */
export function fitText(raw: string, { size, maxWidth, maxLines, least = 0.7 }: TextFit): FittedText {
  const text = cleanText(raw);
  for (let tried = size; tried >= size * least; tried -= Math.max(1, size * 0.06)) {
    const lines = wrap(text, tried, maxWidth);
    if (lines.length <= maxLines) return { lines: balance(text, lines, { size: tried, maxWidth }), size: tried };
  }
  const smallest = size * least;
  const lines = wrap(text, smallest, maxWidth).slice(0, maxLines);
  return { lines: [...lines.slice(0, -1), shorten(lines.at(-1) ?? '', smallest, maxWidth)], size: smallest };
}

function wrap(text: string, size: number, maxWidth: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((part) => breakWord(part, size, maxWidth))) {
    const joined = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(joined, size) <= maxWidth) lines[lines.length - 1] = joined;
    else lines.push(word);
  }
  return lines;
}

function breakWord(word: string, size: number, maxWidth: number): string[] {
  if (widthOf(word, size) <= maxWidth) return [word];
  const parts: string[] = [''];
  for (const letter of word) {
    if (widthOf(parts.at(-1)! + letter, size) > maxWidth && parts.at(-1) !== '') parts.push(letter);
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

/** The same number of lines, but even: no last line of one small word, and no word broken for it. */
function balance(text: string, lines: string[], { size, maxWidth }: { size: number; maxWidth: number }): string[] {
  let best = lines;
  for (let width = maxWidth * 0.96; width > maxWidth * 0.4 && lines.length > 1; width -= maxWidth * 0.04) {
    const tried = wrap(text, size, width);
    if (tried.length > lines.length || tried.join(' ') !== lines.join(' ')) break;
    best = tried;
  }
  return best;
}

function shorten(line: string, size: number, maxWidth: number): string {
  let letters = [...line];
  while (letters.length > 0 && widthOf(`${letters.join('')}…`, size) > maxWidth) letters = letters.slice(0, -1);
  return `${letters.join('').replace(/[\s.,;:–—-]+$/, '')}…`;
}
