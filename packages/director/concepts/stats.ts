import { findFigures } from './numbers-said.ts';
import { endOfClause, type Finder, hasContent, toConcept, toDrawn } from './spoken.ts';

const large = 1_000;
const mostWords = 9;

/** "42 percent of our users left", "revenue grew by 3.5 million dollars": one number that means something by itself. */
export const findStats: Finder = (sentence) => {
  const figure = findFigures(sentence).find(({ unit, value, noun }) => unit !== '' || value >= large || noun === 'times');
  if (figure === undefined) return [];
  const values = [figure.value];
  const behind = endOfClause(sentence, figure.to, mostWords);
  const closed = /[.,;:!?]$/.test(sentence.texts[figure.to - 1]!);
  const tellsMore = findFigures(sentence).some(({ from, bare }) => !bare && from >= figure.to && from < behind);
  if (tellsMore) return [];
  if (!closed && hasContent(sentence, figure.to, behind)) {
    const phrase = lower(toDrawn(sentence, figure.to, behind));
    return toConcept(sentence, { kind: 'stat', from: figure.from, to: behind - 1, phrase, values, unit: figure.unit });
  }
  const from = startBefore(sentence.texts, figure.from);
  const before = endOfClause(sentence, from, figure.from - from);
  if (!hasContent(sentence, from, before)) return [];
  return toConcept(sentence, { kind: 'stat', from, to: figure.to - 1, phrase: toDrawn(sentence, from, before), values, unit: figure.unit });
};

/** The clause before a number, its last words when it is long. */
function startBefore(texts: readonly string[], number: number): number {
  let from = number;
  while (from > 0 && number - from < mostWords && !/[.,;:!?]$/.test(texts[from - 1]!)) from--;
  return from;
}

/** It goes on from the number above it. */
const lower = (text: string) => (/^\p{Lu}\p{Ll}/u.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text);
