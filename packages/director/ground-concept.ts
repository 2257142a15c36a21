import type { Transcript } from '#contracts/artifacts';
import type { Concept } from '#contracts/concepts';
import { normalize } from './fillers.ts';
import { isContentWord, stem } from './keywords.ts';
import { findNumbers } from './numbers.ts';

type Words = Transcript['words'];

/**
 * What of a concept may be drawn, whoever found it: every number, in values, labels and phrase, was said with that unit
 * within 3 s of it; every label and the phrase share a content word with what was said there; a quote and who is quoted
 * were said word for word. A chart needs two values: a single one becomes a stat. Null: nothing may be drawn.
 */
export function groundConcept(concept: Concept, words: Words): Concept | null {
  const said = words.filter((word) => word.end_s > concept.start_s - reachS && word.start_s < concept.end_s + reachS);
  if (said.length === 0 || concept.end_s <= concept.start_s || !fitsItsKind(concept)) return null;
  const texts = said.map((word) => word.text);
  const drawn = [concept.phrase, ...concept.labels];
  const honest = hasSaidValues(concept, texts) && hasSaidNumbers(drawn, texts) && drawn.every((text) => sharesWord(text, texts));
  if (!honest || (concept.kind === 'quote' && ![concept.phrase, ...concept.labels].every((text) => wasSaid(text, texts)))) return null;
  return isLonelyChart(concept) ? { ...concept, kind: 'stat' } : concept;
}

const reachS = 3;

const isLonelyChart = ({ kind, values }: Pick<Concept, 'kind' | 'values'>) =>
  (kind === 'compare' || kind === 'trend') && values.length === 1;

/** What a kind needs to be drawn at all. */
function fitsItsKind({ kind, labels, values }: Concept): boolean {
  if (isLonelyChart({ kind, values })) return labels.length <= 1;
  switch (kind) {
    case 'stat':
      return values.length === 1;
    case 'compare':
      return labels.length >= 2 && (values.length === 0 ? labels.length === 2 : values.length === labels.length);
    case 'trend':
      return values.length >= 2 && (labels.length === 0 || labels.length === values.length);
    case 'list':
      return labels.length >= 2;
    case 'definition':
      return labels.length === 2;
    case 'quote':
    case 'title':
      return labels.length <= 1;
  }
}

/** A sign belongs to its number; any other unit is a word that was said, next to a number without a sign. */
function hasSaidValues({ values, unit }: Concept, texts: readonly string[]): boolean {
  if (values.length === 0) return true;
  const isSign = unit === '' || /^[%$€£¥×]$/.test(unit);
  const stems = new Set(texts.map((text) => stem(normalize(text))));
  if (!isSign && !unit.split(/\s+/).every((word) => stems.has(stem(normalize(word))))) return false;
  const numbers = findNumbers(texts);
  return values.every((value) => numbers.some((number) => same(number.value, value) && number.unit === (isSign ? unit : '')));
}

/** Numbers inside drawn text: years, counts. Their units are in the text beside them. */
function hasSaidNumbers(drawn: readonly string[], texts: readonly string[]): boolean {
  const said = findNumbers(texts);
  const shown = drawn.flatMap((text) => findNumbers(text.split(/\s+/))).filter(({ bare }) => !bare);
  return shown.every((number) => said.some(({ value, unit }) => same(value, number.value) && unit === number.unit));
}

const same = (one: number, other: number) => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one));

function sharesWord(text: string, texts: readonly string[]): boolean {
  const said = new Set(texts.map((word) => stem(normalize(word))));
  return text.split(/\s+/).some((word) => {
    const plain = normalize(word);
    return plain !== '' && (isContentWord(plain) || /^\p{N}/u.test(plain) || !/^[a-z']+$/.test(plain)) && said.has(stem(plain));
  });
}

/** The same words one after the other; punctuation may differ. */
function wasSaid(text: string, texts: readonly string[]): boolean {
  const toPlain = (list: readonly string[]) => list.map(normalize).filter((word) => word !== '');
  return ` ${toPlain(texts).join(' ')} `.includes(` ${toPlain(text.split(/\s+/)).join(' ')} `);
}
