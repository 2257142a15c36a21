import { normalize } from './fillers.ts';
import { isContentWord, stem } from './keywords.ts';
import { findNumbers, type SaidNumber } from './numbers.ts';

/** What a text is held against: the words of a recording, prepared for many questions. */
export interface Said {
  stems: ReadonlySet<string>;
  numbers: readonly SaidNumber[];
  /** All of it, plain, between blanks. */
  plain: string;
}

export function toSaid(texts: readonly string[]): Said {
  const plain = texts.flatMap(toPlain);
  return { stems: new Set(plain.map(stem)), numbers: findNumbers(texts), plain: ` ${plain.join(' ')} ` };
}

/** Of the content words of a title or a description, how many must have been said. */
const saidShare = 0.5;

/**
 * Whether a line of our own words says only what was said: every number with its unit, every quoted text word for word,
 * at least half of its content words, no address to click on.
 */
export function isGrounded(line: string, said: Said): boolean {
  if (!isHarmless(line)) return false;
  if (!hasSaidNumbers(line, said) || !quotesIn(line).every((quote) => wasSaid(quote, said))) return false;
  const content = toPlain(line).filter(isContentWord);
  return content.length > 0 && content.filter((word) => said.stems.has(stem(word))).length >= saidShare * content.length;
}

/** No address to click on, no markup, nothing that cannot be seen. */
export const isHarmless = (line: string): boolean => !/https?:|www\.|@\w|[\p{Cc}\p{Cf}<>]/iu.test(line);

/** Whether these words were said one after the other. */
export function wasSaid(text: string, { plain }: Said): boolean {
  const words = toPlain(text);
  return words.length > 0 && plain.includes(` ${words.join(' ')} `);
}

/** A tag: it shares a content word with what was said, and adds no number. */
export const isSaidTag = (tag: string, said: Said): boolean =>
  isGrounded(tag, said) && toPlain(tag).some((word) => isContentWord(word) && said.stems.has(stem(word)));

/** A tag that somebody else vouches for: it touches what was said, and adds no number. */
export const touchesSaid = (tag: string, said: Said): boolean =>
  isHarmless(tag) && hasSaidNumbers(tag, said) && toPlain(tag).some((word) => isContentWord(word) && said.stems.has(stem(word)));

function hasSaidNumbers(line: string, { numbers }: Said): boolean {
  const shown = findNumbers(line.split(/\s+/)).filter(({ bare }) => !bare);
  const isOdd = foreignDigits.test(line) || (/\d/.test(line) && shown.length === 0);
  return !isOdd && shown.every(({ value, unit }) => numbers.some((one) => one.value === value && one.unit === unit));
}

/** Digits of other scripts, which nothing here can read. */
const foreignDigits = /(?![0-9])\p{N}/u;

const quotesIn = (line: string) => [...line.matchAll(/["“„«]([^"”“»]+)["”“»]/gu)].map(([, quote]) => quote!);

function toPlain(text: string): string[] {
  return text
    .split(/[\s/–—-]+/u)
    .map(normalize)
    .filter((word) => word !== '');
}
