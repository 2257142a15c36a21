import { isContentWord } from '../keywords.ts';
import { endOfClause, type Finder, toConcept, toDrawn } from './spoken.ts';

const leads = /^(so|well|now|and|okay|basically|simply|the|a|an)$/;
const articles = /^(a|an|the|when|how)$/;
/** Things of the moment, not terms. */
const noTerm =
  /^(problem|question|answer|point|thing|idea|reason|goal|result|truth|fact|case|way|time|day|video|first|second|third|last|next|one|people|life)$/;
const fewestWords = 4;
const mostWords = 16;

/** "Compound interest is the interest you earn on interest", "GDP stands for …": a term that opens its sentence. */
export const findDefinitions: Finder = (sentence) => {
  const { plain, texts } = sentence;
  let from = 0;
  while (from < 2 && leads.test(plain[from] ?? '')) from++;
  let verb = from;
  while (verb - from < 3 && isContentWord(plain[verb] ?? '') && !noTerm.test(plain[verb]!) && !/[.,;:!?]$/.test(texts[verb]!)) verb++;
  if (verb === from) return [];
  const meaning = startOfMeaning(plain, verb);
  if (meaning === null) return [];
  const to = endOfMeaning(sentence, meaning);
  if (to - meaning < fewestWords) return [];
  const labels = [toDrawn(sentence, from, verb), toDrawn(sentence, meaning, to)];
  return toConcept(sentence, { kind: 'definition', from, to: to - 1, phrase: toDrawn(sentence, from, to), labels });
};

function startOfMeaning(plain: readonly string[], verb: number): number | null {
  const [word, next] = [plain[verb], plain[verb + 1]];
  if (word === 'means') return verb + 1;
  if ((word === 'stands' && next === 'for') || (word === 'refers' && next === 'to')) return verb + 2;
  return (word === 'is' || word === 'are') && articles.test(next ?? '') ? verb + 1 : null;
}

/** To the end of the sentence when it is short: "which" and "that" belong to a meaning. */
function endOfMeaning(sentence: Parameters<Finder>[0], from: number): number {
  const rest = sentence.words.length - from;
  return rest <= mostWords ? sentence.words.length : endOfClause(sentence, from, mostWords);
}
