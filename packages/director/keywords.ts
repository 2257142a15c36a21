import { normalize } from './fillers.ts';
import { en } from './languages/en.ts';
import { measures, stopwords } from './languages/en-stopwords.ts';

export interface KeyPhrase {
  /** Lower case, one to three words, spoken next to each other. */
  text: string;
  score: number;
}

/**
 * What is talked about: runs of content words between stop words, measures, punctuation and numbers (as RAKE parts them), and all
 * that lies in them, weighed by how often it comes. Best first; none that adds no word to the better ones.
 */
export function findKeyPhrases(texts: readonly string[], limit: number): KeyPhrase[] {
  const counted = new Map<string, { text: string; words: number; count: number }>();
  for (const words of splitRuns(texts).flatMap(partsOf)) {
    const key = words.map(stem).join(' ');
    const known = counted.get(key) ?? { text: words.join(' '), words: words.length, count: 0 };
    counted.set(key, { ...known, count: known.count + 1 });
  }
  const phrases = [...counted.values()].map(({ text, words, count }) => ({ text, score: scoreOf(words, count) }));
  return withoutRepeats(
    phrases.sort((one, other) => other.score - one.score), // stable: the earlier said comes first
    limit,
  );
}

/** Whether a word can carry a topic. */
export const isContentWord = (word: string): boolean =>
  word.length >= 3 && /^\p{L}/u.test(word) && !stopwords.has(word) && !en.hard.has(word);

/** Enough to see that "waves" and "wave" are one; not a linguist's stem. */
export function stem(word: string): string {
  return word
    .replace(/'s$|s'$/, '')
    .replace(/(?<=\p{L}{2})ies$/u, 'y')
    .replace(/(?<=\p{L}(?:s|x|z|ch|sh|o))es$/u, '')
    .replace(/(?<=\p{L}{2}[^su'])s$/u, '')
    .replace(/(?<=\p{L}{4})(?:ing|ed|ly)$/u, '');
}

const maxPhraseWords = 3;
const phraseEnd = /[.,;:!?…)\]]["'”’]?$/;

function splitRuns(texts: readonly string[]): string[][] {
  const runs: string[][] = [[]];
  for (const text of texts) {
    const word = normalize(text);
    const isTopical = isContentWord(word) && !measures.has(word);
    if (isTopical) runs.at(-1)!.push(word);
    if (!isTopical || phraseEnd.test(text)) runs.push([]);
  }
  return runs.filter((run) => run.length > 0);
}

/** Every one to three neighbours of a run, without a word said twice. */
function partsOf(run: string[]): string[][] {
  return run.flatMap((_word, first) =>
    Array.from({ length: Math.min(maxPhraseWords, run.length - first) }, (_, more) => run.slice(first, first + more + 1)).filter(
      (part) => new Set(part).size === part.length,
    ),
  );
}

/** Said again counts; said once, a phrase of two says more than a word, and one of three is chance. */
function scoreOf(words: number, count: number): number {
  const once = words === maxPhraseWords ? 0 : 0.3;
  return (count - 1 + once) * Math.sqrt(words);
}

function withoutRepeats(phrases: readonly KeyPhrase[], limit: number): KeyPhrase[] {
  const kept: KeyPhrase[] = [];
  const seen = new Set<string>();
  for (const phrase of phrases) {
    if (kept.length === limit || phrase.score === 0) break;
    const stems = phrase.text.split(' ').map(stem);
    const news = stems.filter((one) => !seen.has(one)).length;
    if (news * 2 < stems.length || news === 0) continue;
    for (const one of stems) seen.add(one);
    kept.push(phrase);
  }
  return kept;
}
