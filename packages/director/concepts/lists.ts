import type { Concept } from '#contracts/concepts';
import { digits } from '../languages/en-numbers.ts';
import { endOfClause, hasContent, type Spoken, toConcept, toDrawn } from './spoken.ts';

const ordinals: Record<string, number> = {
  first: 1,
  firstly: 1,
  second: 2,
  secondly: 2,
  third: 3,
  thirdly: 3,
  fourth: 4,
  fifth: 5,
};
const longestGapS = 30;
const mostItemWords = 8;
const leadReachS = 12;

interface Item {
  order: number;
  at: number;
  from: number;
  to: number;
}

/** "First … second … third …" over several sentences, and "three things: a, b and c" within one. */
export function findLists(spoken: Spoken): Concept[] {
  return [...findOrdered(spoken), ...findEnumerated(spoken)];
}

function findOrdered(spoken: Spoken): Concept[] {
  const chains: Item[][] = [];
  for (const item of findItems(spoken)) {
    const chain = chains.at(-1);
    const last = chain?.at(-1);
    const follows = last !== undefined && (item.order === last.order + 1 || (item.order === lastOne && last.order >= 2));
    const isNear = last !== undefined && spoken.words[item.at]!.start_s - spoken.words[last.to - 1]!.end_s <= longestGapS;
    if (chain !== undefined && follows && isNear) chain.push({ ...item, order: last.order + 1 });
    else if (item.order === 1) chains.push([item]);
  }
  return chains.filter((chain) => chain.length >= 2).flatMap((chain) => toList(spoken, chain));
}

const lastOne = Number.POSITIVE_INFINITY;

/** Where a clause opens with an ordinal, or with "number two", "step two". */
function findItems(spoken: Spoken): Item[] {
  const { texts, plain } = spoken;
  return plain.flatMap((word, at): Item[] => {
    const opens = at === 0 || /[.,;:!?…—]$/.test(texts[at - 1]!) || /^(and|then|so|the)$/.test(plain[at - 1]!);
    const counted = /^(number|step|tip|rule|reason)$/.test(word) ? (digits.get(plain[at + 1] ?? '') ?? (Number(plain[at + 1]) || 0)) : 0;
    const order = /^(finally|lastly)$/.test(word) ? lastOne : counted > 0 ? counted : (ordinals[word] ?? 0);
    if (!opens || order === 0) return [];
    const from = at + (counted > 0 ? 2 : 1);
    const to = endOfClause(spoken, from, mostItemWords);
    return hasContent(spoken, from, to) ? [{ order, at, from, to }] : [];
  });
}

function toList(spoken: Spoken, chain: readonly Item[]): Concept[] {
  const items = chain.slice(0, 6);
  const labels = items.map(({ from, to }) => toDrawn(spoken, from, to));
  const lead = findLead(spoken, items[0]!.at, items.length);
  const from = lead?.from ?? items[0]!.at;
  return toConcept(spoken, { kind: 'list', from, to: items.at(-1)!.to - 1, phrase: lead?.text ?? labels[0]!, labels });
}

/** "three habits" said shortly before its first item. */
function findLead(spoken: Spoken, first: number, count: number): { from: number; text: string } | null {
  for (let at = first - 1; at >= 0 && spoken.words[first]!.start_s - spoken.words[at]!.start_s <= leadReachS; at--) {
    const said = digits.get(spoken.plain[at]!) ?? Number(spoken.plain[at]);
    if (said === count && hasContent(spoken, at + 1, at + 3)) {
      const to = endOfClause(spoken, at, 4);
      if (to - at >= 2) return { from: at, text: toDrawn(spoken, at, to) };
    }
  }
  return null;
}

/** The words after a colon that stands behind a count: "two things: speed and cost." */
function findEnumerated(spoken: Spoken): Concept[] {
  const { texts, plain } = spoken;
  return texts.flatMap((text, colon): Concept[] => {
    if (!text.endsWith(':')) return [];
    const lead = [1, 2, 3].map((back) => colon - back).find((at) => at >= 0 && (digits.get(plain[at]!) ?? 0) >= 2);
    const end = texts.findIndex((word, index) => index > colon && /[.!?…]$/.test(word));
    if (lead === undefined || end < 0 || end - colon > 24) return [];
    const labels = texts
      .slice(colon + 1, end + 1)
      .join(' ')
      .replace(/[.!?…]+$/, '')
      .split(/,\s*(?:and\s+|or\s+)?|\s+and\s+|\s+or\s+/)
      .map((item) => item.trim().replace(/^\p{Ll}/u, (letter) => letter.toUpperCase()));
    if (labels.length !== digits.get(plain[lead]!)) return [];
    return toConcept(spoken, { kind: 'list', from: lead, to: end, phrase: toDrawn(spoken, lead, colon + 1), labels });
  });
}
