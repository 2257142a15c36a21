import { en } from './languages/en.ts';
import type { TranscriptWord } from './transcript.ts';

/** What a language calls a filler. Words are lower case, without punctuation. */
export interface Language {
  /** Never carry meaning. */
  hard: ReadonlySet<string>;
  /** Carry meaning as often as not: listed for a reviewer, never cut by list alone. */
  soft: readonly (readonly string[])[];
  /** Hard ones that are also units or abbreviations: not a filler after a number or in capitals. */
  units: ReadonlySet<string>;
  /** Doubled on purpose ("very very"): no stutter. */
  doubled: ReadonlySet<string>;
  /** Words of one to three letters: not the broken-off start of a longer one. */
  short: ReadonlySet<string>;
}

export interface FillerCandidate {
  kind: 'filler' | 'soft' | 'repeat';
  /** Index of its first and last word. */
  first: number;
  last: number;
}

/** `settings.fillers.language` chooses. */
export const languages = { en } as const;

/** Hard fillers, soft phrases, and the earlier one of two equal words (or a broken-off start of the next) within 300 ms; by first word. */
export function findFillers(words: readonly TranscriptWord[], language: Language): FillerCandidate[] {
  const plain = words.map((word) => normalize(word.text));
  return words.flatMap((_word, index): FillerCandidate[] => {
    if (isHard(index, { words, plain, language })) return [{ kind: 'filler', first: index, last: index }];
    if (isStutter(index, { words, plain, language })) return [{ kind: 'repeat', first: index, last: index }];
    const phrase = language.soft.find((soft) => soft.every((part, offset) => plain[index + offset] === part));
    return phrase === undefined ? [] : [{ kind: 'soft', first: index, last: index + phrase.length - 1 }];
  });
}

/** `[UH]`, `Um,` and `ummmm…` → `uh`, `um`, `umm`. */
export function normalize(text: string): string {
  return text
    .toLowerCase()
    .replace(/’/g, "'")
    .replace(/[^\p{L}\p{N}']/gu, '')
    .replace(/(\p{L})\1{2,}/gu, '$1$1');
}

const maxStutterGapS = 0.3;
const maxPrefixLetters = 3;

interface Context {
  words: readonly TranscriptWord[];
  plain: readonly string[];
  language: Language;
}

function isHard(index: number, { words, plain, language }: Context): boolean {
  if (!language.hard.has(plain[index]!)) return false;
  if (!language.units.has(plain[index]!)) return true;
  return !/^\p{Lu}{2,}$/u.test(words[index]!.text) && !/\d$/.test(plain[index - 1] ?? '');
}

function isStutter(index: number, { words, plain, language }: Context): boolean {
  const next = words[index + 1];
  if (next === undefined || next.start_s - words[index]!.end_s > maxStutterGapS) return false;
  const one = plain[index]!;
  const other = plain[index + 1]!;
  if (one === '' || language.doubled.has(one) || /\p{N}/u.test(one)) return false;
  const isRun = one === plain[index - 1] || one === plain[index + 2];
  if (one === other) return !isRun || language.short.has(one);
  return one.length <= maxPrefixLetters && other.startsWith(one) && (/[-–—…]$/.test(words[index]!.text) || !language.short.has(one));
}
