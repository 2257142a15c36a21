import { findFigures, findYears } from './numbers-said.ts';
import { type Finder, hasContent, type Spoken, toConcept, toDrawn } from './spoken.ts';

const moves =
  /^(grew|grow|grows|grown|rose|rise|rises|risen|increased?|increases|went|gone|goes|fell|fall|falls|fallen|dropped?|drops|climbed|jumped|declined|decreased|shrank|sank|slid|up|down)$/;
const reach = 3;

/** "Revenue grew from 10 percent in 2019 to 25 percent in 2023": where it began, where it went, and when, if that is said. */
export const findTrends: Finder = (sentence) => {
  const { plain } = sentence;
  const from = plain.indexOf('from');
  if (from < 0 || !plain.some((word) => moves.test(word))) return [];
  const [first, second, more] = findFigures(sentence).filter((figure) => figure.from > from);
  if (first === undefined || second === undefined || more !== undefined) return [];
  const arrow = plain.indexOf('to', first.to);
  if (first.from - from > reach || arrow < 0 || second.from <= arrow || second.from - arrow > reach) return [];
  const unit = second.unit === '' ? second.noun : second.unit;
  if (first.unit !== second.unit || (first.noun !== '' && first.noun !== second.noun)) return [];
  const phrase = hasContent(sentence, 0, from) ? toDrawn(sentence, headStart(sentence, from), from) : '';
  const labels = yearsBehind(sentence, [first.to, second.to], [arrow, sentence.words.length]);
  const last = Math.max(second.to, labels.length > 0 ? findYears(sentence).at(-1)!.to : 0);
  return toConcept(sentence, {
    kind: 'trend',
    from: headStart(sentence, from),
    to: last - 1,
    phrase,
    labels,
    values: [first.value, second.value],
    unit,
  });
};

/** The last five words before "from", within their clause. */
function headStart({ texts, plain }: Spoken, from: number): number {
  let start = from;
  while (start > 0 && from - start < 5 && !/[.,;:!?]$/.test(texts[start - 1]!)) start--;
  while (start < from - 1 && /^(and|but|so|that|because|then|well|now)$/.test(plain[start]!)) start++;
  return start;
}

/** A year said after each number; none when only one has one. */
function yearsBehind(sentence: Spoken, starts: readonly number[], ends: readonly number[]): string[] {
  const years = starts.map((start, index) => findYears(sentence).find((year) => year.from >= start && year.to <= ends[index]!));
  return years.every((year) => year !== undefined) ? years.map((year) => String(year!.value)) : [];
}
