import { type Finder, type Spoken, toConcept } from './spoken.ts';

const opens = /^["“«]/;
const closes = /["”»][.,;:!?]*$/;
const speaks = /^(said|says|say|wrote|writes|asked|asks|noted|put|called)$/;
const fewestWords = 4;
const mostWords = 30;

/** Words between quotation marks, and whoever is named beside them. Needs a transcript that writes the marks. */
export const findQuotes: Finder = (sentence, before) => {
  const { texts } = sentence;
  const from = texts.findIndex((text) => opens.test(text));
  const length = from < 0 ? -1 : texts.slice(from).findIndex((text) => closes.test(text));
  if (length + 1 < fewestWords || length >= mostWords) return [];
  const to = from + length;
  const phrase = texts
    .slice(from, to + 1)
    .join(' ')
    .replace(/^["“«]+|["”»]+(?=[.,;:!?]*$)/g, '')
    .replace(/[,;:]$/, '');
  const name =
    nameBefore(sentence, from) ??
    nameBehind(sentence, to + 1) ??
    (from === 0 && before !== null ? nameBefore(before, before.words.length) : null);
  return toConcept(sentence, { kind: 'quote', from, to, phrase, labels: name === null ? [] : [name] });
};

function nameBefore({ texts, plain }: Spoken, end: number): string | null {
  if (!speaks.test(plain[end - 1] ?? '')) return null;
  let from = end - 1;
  while (from > 0 && end - 1 - from < 3 && isName(texts[from - 1]!)) from--;
  return from === end - 1 ? null : toName(texts.slice(from, end - 1));
}

function nameBehind({ texts, plain }: Spoken, start: number): string | null {
  if (!speaks.test(plain[start] ?? '')) return null;
  let to = start + 1;
  while (to < texts.length && to - start <= 3 && isName(texts[to]!) && !/[.,;:!?]$/.test(texts[to - 1]!)) to++;
  return to === start + 1 ? null : toName(texts.slice(start + 1, to));
}

const isName = (text: string) => /^\p{Lu}\p{L}+/u.test(text) && !/^(He|She|They|We|You|It|The|As|And|But|Then)$/.test(text);
const toName = (texts: readonly string[]) => texts.join(' ').replace(/[^\p{L}\p{N}]+$/u, '');
