import type { PlanWord } from '#contracts/plan';

export interface LineRules {
  /** Characters of one group of words, spaces included. */
  maxCharacters: number;
  maxWords: number;
  maxDurationS: number;
  /** A pause this long ends a group. */
  pauseS: number;
}

/** Pure: words → groups shown together, broken at pauses and sentence ends. A word too long for a group becomes several. */
export function groupWords(words: readonly PlanWord[], rules: LineRules): PlanWord[][] {
  const groups: PlanWord[][] = [];
  for (const word of words.flatMap((one) => splitLong(one, rules.maxCharacters))) {
    const group = groups.at(-1);
    if (group === undefined || startsAnew(group, word, rules)) groups.push([word]);
    else group.push(word);
  }
  return groups;
}

export const toLine = (words: readonly PlanWord[]): string => words.map((word) => word.text).join(' ');

const sentenceEnd = /[.!?…]["'”’)\]]?$/;

function startsAnew(group: PlanWord[], word: PlanWord, rules: LineRules): boolean {
  const last = group.at(-1)!;
  return (
    group.length >= rules.maxWords ||
    toLine(group).length + 1 + word.text.length > rules.maxCharacters ||
    word.end_s - group[0]!.start_s > rules.maxDurationS ||
    word.start_s - last.end_s > rules.pauseS ||
    sentenceEnd.test(last.text)
  );
}

/** Pieces of at most `limit` characters with their share of the word's time; white space inside becomes one blank. */
function splitLong(word: PlanWord, limit: number): PlanWord[] {
  const characters = Array.from(word.text.replace(/[\s\p{Cc}]+/gu, ' ').trim());
  const text = characters.join('');
  if (text.length <= limit) return text === '' ? [] : [{ ...word, text }];
  const widest = text.length === characters.length ? limit : Math.floor(limit / 2);
  const count = Math.ceil(characters.length / widest);
  const size = Math.ceil(characters.length / count);
  const at = (piece: number) => word.start_s + ((word.end_s - word.start_s) * piece) / count;
  return Array.from({ length: count }, (_, piece) => ({
    text: characters.slice(piece * size, (piece + 1) * size).join(''),
    start_s: at(piece),
    end_s: at(piece + 1),
  }));
}
