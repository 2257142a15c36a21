import { normalize } from './fillers.ts';
import { en } from './languages/en.ts';
import { stopwords } from './languages/en-stopwords.ts';

export interface KeyPhrase {
  /** Lower case, one to three words, all of them spoken next to each other. */
  text: string;
  score: number;
}

/** RAKE: stop words, punctuation and numbers part phrases; a word weighs by the company it keeps, a phrase by its words and how often it comes. Best first, none inside a better one. */
export function findKeyPhrases(texts: readonly string[], limit: number): KeyPhrase[] {
  const phrases = splitPhrases(texts);
  const weights = weighWords(phrases);
  const scored = new Map<string, KeyPhrase>();
  for (const phrase of phrases) {
    const text = phrase.join(' ');
    const once = phrase.reduce((sum, word) => sum + weights.get(stem(word))!, 0);
    scored.set(stemAll(phrase), {
      text: scored.get(stemAll(phrase))?.text ?? text,
      score: (scored.get(stemAll(phrase))?.score ?? 0) + once,
    });
  }
  return withoutRepeats(
    [...scored.values()].sort((one, other) => other.score - one.score || one.text.localeCompare(other.text, 'en')),
    limit,
  );
}

/** Whether a word can carry a topic. */
export const isContentWord = (word: string): boolean =>
  word.length >= 3 && /^\p{L}/u.test(word) && !stopwords.has(word) && !en.hard.has(word);

/** Enough to see that "frames" and "frame" are one; not a linguist's stem. */
export function stem(word: string): string {
  return word.replace(/'s$|s'$/, '').replace(/(?<=\p{L}{3})(?:ies|es|s|ing|ed|ly)$/u, '');
}

const maxPhraseWords = 3;
const phraseEnd = /[.,;:!?…)\]]["'”’]?$/;

function splitPhrases(texts: readonly string[]): string[][] {
  const phrases: string[][] = [];
  let phrase: string[] = [];
  const close = () => {
    if (phrase.length > 0) phrases.push(phrase);
    phrase = [];
  };
  for (const text of texts) {
    const word = normalize(text);
    if (isContentWord(word)) phrase.push(word);
    if (!isContentWord(word) || phraseEnd.test(text) || phrase.length === maxPhraseWords) close();
  }
  close();
  return phrases;
}

/** Degree over frequency, times the root of the frequency: plain RAKE lets a word said once outweigh the topic. */
function weighWords(phrases: readonly string[][]): Map<string, number> {
  const counts = new Map<string, { degree: number; frequency: number }>();
  for (const phrase of phrases) {
    for (const word of phrase) {
      const count = counts.get(stem(word)) ?? { degree: 0, frequency: 0 };
      counts.set(stem(word), { degree: count.degree + phrase.length, frequency: count.frequency + 1 });
    }
  }
  return new Map([...counts].map(([word, { degree, frequency }]) => [word, (degree / frequency) * Math.sqrt(frequency)]));
}

const stemAll = (words: readonly string[]) => words.map(stem).join(' ');

function withoutRepeats(phrases: readonly KeyPhrase[], limit: number): KeyPhrase[] {
  const kept: KeyPhrase[] = [];
  const seen = new Set<string>();
  for (const phrase of phrases) {
    const stems = phrase.text.split(' ').map(stem);
    if (kept.length === limit) break;
    if (stems.every((one) => seen.has(one))) continue;
    for (const one of stems) seen.add(one);
    kept.push(phrase);
  }
  return kept;
}
