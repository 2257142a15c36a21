import type { PlanWord } from '#contracts/plan';

export type Sentence = PlanWord[];

/** Words → sentences: ended by punctuation, by a pause of 0.7 s, or at 60 words where nobody wrote any. */
export function splitSentences(words: readonly PlanWord[]): Sentence[] {
  const sentences: Sentence[] = [];
  for (const [index, word] of words.entries()) {
    const before = words[index - 1];
    const sentence = sentences.at(-1);
    if (before === undefined || sentence === undefined || endsAfter(before, word) || sentence.length >= maxWords) sentences.push([word]);
    else sentence.push(word);
  }
  return sentences;
}

export const toText = (sentence: Sentence): string => sentence.map((word) => word.text).join(' ');

const pauseS = 0.7;
const maxWords = 60;
const end = /[.!?…]["'”’)\]]*$/;
const endsAfter = (before: PlanWord, word: PlanWord) => end.test(before.text) || word.start_s - before.end_s >= pauseS;
