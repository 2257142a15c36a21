import type { Concept } from '#contracts/concepts';
import type { PlanWord } from '#contracts/plan';
import { normalize } from '../fillers.ts';
import { isContentWord } from '../keywords.ts';

/** A run of words as finders read it. */
export interface Spoken {
  words: readonly PlanWord[];
  texts: readonly string[];
  plain: readonly string[];
}

export type Finder = (sentence: Spoken, before: Spoken | null) => Concept[];

export function toSpoken(words: readonly PlanWord[]): Spoken {
  const texts = words.map((word) => word.text);
  return { words, texts, plain: texts.map(normalize) };
}

interface Found {
  kind: Concept['kind'];
  /** First and last word, inclusive. */
  from: number;
  to: number;
  phrase: string;
  labels?: string[];
  values?: number[];
  unit?: string;
}

/** A concept with its times; empty when there is nothing to say, so that finders can spread it. */
export function toConcept({ words, texts }: Spoken, { from, to, phrase, labels = [], values = [], unit = '', kind }: Found): Concept[] {
  const [first, last] = [words[from], words[to]];
  if (first === undefined || last === undefined || phrase === '' || labels.includes('')) return [];
  const said = texts.slice(from, to + 1).slice(0, 120);
  return [
    {
      kind,
      phrase: phrase.slice(0, 300),
      start_s: first.start_s,
      end_s: last.end_s,
      labels: labels.slice(0, 6).map((label) => label.slice(0, 160)),
      values,
      unit,
      words: said,
    },
  ];
}

/** Index behind the last word of the clause that begins at `from`: up to punctuation, a word that opens another clause, or `most` words. */
export function endOfClause({ texts, plain }: Spoken, from: number, most: number): number {
  let to = from;
  while (to < texts.length && to - from < most) {
    if (to > from && conjunctions.has(plain[to]!)) break;
    to++;
    if (/[.,;:!?…—][)"'”’]*$/.test(texts[to - 1]!)) break;
  }
  while (to > from && danglers.has(plain[to - 1]!)) to--;
  return to;
}

/** Words [from, to) as they are drawn: without punctuation at the ends, begun with a capital. */
export function toDrawn({ texts }: Spoken, from: number, to: number): string {
  const text = texts.slice(from, to).join(' ');
  return capitalize(text.replace(/^[\s"'“‘(—–-]+|[\s.,;:!?"'”’)…—–-]+$/gu, ''));
}

export const capitalize = (text: string) => text.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());

export const hasContent = ({ plain }: Spoken, from: number, to: number): boolean => plain.slice(from, to).some(isContentWord);

const list = (text: string) => new Set(text.split(' '));
const conjunctions = list('and but because so which while whereas although though if when since unless compared versus vs');
/** No end for a phrase. */
const danglers = list(
  'and but or of to by in on at for with from the a an is are was were be about around nearly almost only just over than that as our their its',
);
