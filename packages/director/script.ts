import type { RangeS, WordSpan } from '#contracts/artifacts';
import { normalize } from './fillers.ts';
import { splitSentences, toText } from './sentences.ts';

type Spoken = RangeS & { text: string };

/** A sentence of the recording, and which of its words it is. */
export interface Line extends WordSpan, RangeS {
  text: string;
}

/** Words → sentences with their places: what a model is shown, and how its answers are found again. */
export function toLines(words: readonly Spoken[]): Line[] {
  let first = 0;
  return splitSentences([...words]).map((sentence) => {
    const line = { first, last: first + sentence.length - 1, text: toText(sentence) };
    first += sentence.length;
    return { ...line, start_s: sentence[0]!.start_s, end_s: sentence.at(-1)!.end_s };
  });
}

/** Neighbouring lines in `count` groups of about equal length in time. */
export function toWindows(lines: readonly Line[], count: number): Line[][] {
  const startS = lines[0]?.start_s ?? 0;
  const lengthS = ((lines.at(-1)?.end_s ?? 0) - startS) / count || 1;
  const windows = new Map<number, Line[]>();
  for (const line of lines) {
    const window = Math.min(count - 1, Math.floor((line.start_s - startS) / lengthS));
    windows.set(window, [...(windows.get(window) ?? []), line]);
  }
  return [...windows.values()];
}

/** Where in a line a phrase is said; null when it is not. */
export function findPhrase(phrase: string, line: Line, words: readonly Spoken[]): WordSpan | null {
  const wanted = phrase.split(/\s+/).map(normalize).filter(Boolean);
  const said = words.slice(line.first, line.last + 1).map(({ text }) => normalize(text));
  if (wanted.length === 0) return null;
  const at = said.findIndex((_, index) => wanted.every((word, offset) => said[index + offset] === word));
  return at < 0 ? null : { first: line.first + at, last: line.first + at + wanted.length - 1 };
}
