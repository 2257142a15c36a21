import type { Concept } from '#contracts/concepts';
import { type Drawing, drawingSchema, type ThemeChoice } from '#contracts/overlays';
import { capitalize } from './spoken.ts';

/** A grounded concept as what is drawn of it; null when its words cannot be drawn with the bundled fonts. */
export function toDrawing(concept: Concept, choice: ThemeChoice): Drawing | null {
  const parsed = drawingSchema.safeParse(draw(concept, choice));
  return parsed.success ? parsed.data : null;
}

/** A sentence is no heading. */
const longestTitle = 60;
const toTitle = (phrase: string) => (phrase.length <= longestTitle ? capitalize(phrase) : '');

function draw({ kind, phrase, labels, values, unit }: Concept, choice: ThemeChoice): Drawing {
  const [first = '', second = ''] = labels;
  switch (kind) {
    case 'stat':
      return { kind: 'card', spec: { layout: 'stat', value: values[0] ?? Number.NaN, unit, text: phrase, ...choice } };
    case 'compare':
      if (values.length === 0)
        return { kind: 'card', spec: { layout: 'versus', left: capitalize(first), right: capitalize(second), ...choice } };
      return { kind: 'chart', spec: { form: 'bars', title: toTitle(phrase), labels: labels.map(capitalize), values, unit, ...choice } };
    case 'trend':
      return { kind: 'chart', spec: { form: 'trend', title: toTitle(phrase), labels, values, unit, ...choice } };
    case 'list':
      return { kind: 'card', spec: { layout: 'list', title: phrase === first ? '' : toTitle(phrase), items: labels, ...choice } };
    case 'definition':
      return { kind: 'card', spec: { layout: 'definition', term: first, meaning: second, ...choice } };
    case 'quote':
      return { kind: 'quote', spec: { text: phrase, by: first, ...choice } };
    case 'title':
      return { kind: 'title', spec: { text: phrase, detail: first, ...choice } };
  }
}
