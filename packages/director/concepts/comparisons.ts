import { isContentWord } from '../keywords.ts';
import { type Figure, findFigures } from './numbers-said.ts';
import { endOfClause, type Finder, type Spoken, toConcept, toDrawn } from './spoken.ts';

/** "Cats sleep 15 hours while dogs sleep 12": numbers of one unit, each with its own name; and "X versus Y" without numbers. */
export const findComparisons: Finder = (sentence) => {
  const figures = findFigures(sentence);
  const counted = sameUnit(figures);
  if (counted === null) return figures.length === 0 ? findVersus(sentence) : [];
  const names = namesBefore(sentence, counted.figures) ?? namesBehind(sentence, counted.figures);
  if (names === null) return [];
  return toConcept(sentence, {
    kind: 'compare',
    from: 0,
    to: sentence.words.length - 1,
    phrase: toDrawn(sentence, 0, sentence.words.length),
    labels: names,
    values: counted.figures.map(({ value }) => value),
    unit: counted.unit,
  });
};

const most = 5;

/** All with one sign; or all without, with one noun that the later ones may leave out. */
function sameUnit(figures: readonly Figure[]): { figures: Figure[]; unit: string } | null {
  const signed = figures.filter(({ unit }) => unit !== '');
  const chosen = signed.length > 0 ? signed : figures.filter(({ bare, noun }) => !bare || noun !== '');
  const unit = signed[0]?.unit ?? chosen[0]?.noun ?? '';
  const alike = chosen.every((figure) => (signed.length > 0 ? figure.unit === unit : figure.noun === unit || figure.noun === ''));
  return alike && unit !== '' && chosen.length >= 2 && chosen.length <= most ? { figures: chosen, unit } : null;
}

function namesBefore(sentence: Spoken, figures: readonly Figure[]): string[] | null {
  return distinct(
    figures.map((figure, index) =>
      nameIn(sentence, clauseStart(sentence, index === 0 ? 0 : behind(figures[index - 1]!), figure.from), figure.from),
    ),
  );
}

function namesBehind(sentence: Spoken, figures: readonly Figure[]): string[] | null {
  return distinct(
    figures.map((figure, index) => {
      const end = figures[index + 1]?.from ?? sentence.words.length;
      return nameIn(sentence, behind(figure), end);
    }),
  );
}

const behind = ({ to, noun }: Figure) => to + (noun === '' ? 0 : 1);

/** Where the last clause of [from, to) begins. */
function clauseStart({ texts, plain }: Spoken, from: number, to: number): number {
  for (let at = to - 1; at > from; at--)
    if (/^(and|but|while|whereas|than|so)$/.test(plain[at]!) || /[.,;:!?]$/.test(texts[at - 1]!)) return at;
  return from;
}

/** The first run of content words in [from, to) that names something: what stands before the verb. */
function nameIn(sentence: Spoken, from: number, to: number): string {
  const { plain, texts } = sentence;
  const isName = (at: number) => isContentWord(plain[at]!) && !verbs.has(plain[at]!);
  let first = from;
  while (first < to && !isName(first)) first++;
  let last = first;
  while (last < to && last - first < 3 && isName(last)) {
    last++;
    if (/[.,;:!?]$/.test(texts[last - 1]!)) break;
  }
  return toDrawn(sentence, first, last);
}

function distinct(names: string[]): string[] | null {
  return names.every((name) => name !== '') && new Set(names.map((name) => name.toLowerCase())).size === names.length ? names : null;
}

const against = /^(versus|vs)$/;

function findVersus(sentence: Spoken): ReturnType<Finder> {
  const at = sentence.plain.findIndex((word) => against.test(word));
  const between = sentence.plain.findIndex((word, index) => /^differences?$/.test(word) && sentence.plain[index + 1] === 'between');
  const middle = at >= 0 ? at : between >= 0 ? sentence.plain.indexOf('and', between) : -1;
  if (middle < 1) return [];
  const from = at >= 0 ? nameStart(sentence, middle) : between + 2;
  const to = endOfClause(sentence, middle + 1, 3);
  const labels = [toDrawn(sentence, from, middle), toDrawn(sentence, middle + 1, to)];
  if (middle - from > 3 || distinct(labels) === null) return [];
  return toConcept(sentence, { kind: 'compare', from, to: to - 1, phrase: toDrawn(sentence, from, to), labels });
}

function nameStart({ plain, texts }: Spoken, middle: number): number {
  let from = middle;
  while (from > 0 && middle - from < 3 && isContentWord(plain[from - 1]!) && !/[.,;:!?]$/.test(texts[from - 1]!)) from--;
  return from;
}

const verbs = new Set(
  'sleep sleeps cost costs need needs took takes spend spends spent earn earns earned weigh weighs run runs reach reaches reached gain gained lose loses lost use uses live lives lived last lasts grew grow fell rose sold sells sell read reads paid pays pay hold holds contain contains average averaged score scored scores compared'.split(
    ' ',
  ),
);
