import { digits, scales, teens, tens, unitWords } from './languages/en-numbers.ts';

/** A number as it was said, at words [from, to) with its unit. */
export interface SaidNumber {
  value: number;
  /** `%`, `$`, `€`, `£`, `¥`, `×`, or nothing: other units are words of their own. */
  unit: string;
  from: number;
  to: number;
  /** Nothing but one small number word: "one of them" counts nothing. */
  bare: boolean;
}

/** Every number in these words, written in digits or out, with its scale and unit: "three point five million dollars", "$3.5m", "40 %". */
export function findNumbers(texts: readonly string[]): SaidNumber[] {
  const tokens = texts.flatMap(toTokens);
  const found: SaidNumber[] = [];
  for (let at = 0; at < tokens.length; ) {
    const read = readNumber(tokens, at);
    if (read !== null) found.push(toSaid(read, tokens, at));
    at = read?.next ?? at + 1;
  }
  return found.map((number, index) => shareUnit(number, found[index + 1], tokens));
}

/** "from 10 to 25 percent": the first has the unit of the second. */
function shareUnit(number: SaidNumber, next: SaidNumber | undefined, tokens: readonly Token[]): SaidNumber {
  const between = next === undefined ? [] : tokens.filter(({ word }) => word >= number.to && word < next.from);
  const joined = between.length === 1 && /^(to|or)$/.test(between[0]!.text);
  return number.unit === '' && joined && !isYear(number) ? { ...number, unit: next!.unit } : number;
}

/** A bare whole number that people mean as a date. */
export function isYear({ value, unit, from, to }: SaidNumber): boolean {
  return unit === '' && to - from === 1 && Number.isInteger(value) && value >= 1500 && value < 2100;
}

interface Token {
  text: string;
  /** Index of the word it is part of. */
  word: number;
  /** Punctuation or a word's end that no number reaches across stands behind it. */
  closed: boolean;
}

interface Reading {
  value: number;
  unit: string;
  next: number;
}

const edges = /^[^\p{L}\p{N}$€£¥%.+−-]+|[^\p{L}\p{N}%$€£¥]+$/gu;

/** "forty-two," → forty, two (closed); "20–30%" → 20, 30%; a minus sign stays with its digits. */
function toTokens(text: string, word: number): Token[] {
  const plain = text.toLowerCase().replace(edges, '');
  const parts = text === '%' ? ['%'] : plain.split(/(?<=[\p{L}\p{N}%])[-–—‑]/u).filter((part) => part !== '');
  const closed = /[.,;:!?…)]["'”’]*$/.test(text);
  return parts.map((part, index) => ({ text: part, word, closed: closed && index === parts.length - 1 }));
}

function readNumber(tokens: readonly Token[], at: number): Reading | null {
  const read = readDigits(tokens, at) ?? readWords(tokens, at);
  if (read === null || read.unit !== '') return read;
  const [next, second] = tokens.slice(read.next, read.next + 2);
  if (next === undefined || tokens[read.next - 1]!.closed) return read;
  if (next.text === 'per' && second?.text === 'cent') return { ...read, unit: '%', next: read.next + 2 };
  const unit = unitWords.get(next.text);
  return unit === undefined ? read : { ...read, unit, next: read.next + 1 };
}

const written = /^([-−+])?([$€£¥])?(\d{1,3}(?:,\d{3})+|\d+)?(\.\d+)?(thousand|million|billion|bn|tn|mn|k|m|b)?([%x×]|[$€£¥])?$/;

function readDigits(tokens: readonly Token[], at: number): Reading | null {
  const match = written.exec(tokens[at]!.text);
  if (match === null || (match[3] === undefined && match[4] === undefined)) return null;
  const [, sign, before = '', whole = '0', fraction = '', scale, after = ''] = match;
  const value = Number(`${whole.replaceAll(',', '')}${fraction}`) * (sign === '-' || sign === '−' ? -1 : 1);
  const unit = before !== '' ? before : after === 'x' ? '×' : after;
  if (scale !== undefined) return { value: exact(value * scales.get(scale)!), unit, next: at + 1 };
  const next = tokens[at]!.closed ? undefined : tokens[at + 1];
  const spoken = next === undefined ? undefined : scales.get(next.text);
  return spoken === undefined ? { value, unit, next: at + 1 } : { value: exact(value * spoken), unit, next: at + 2 };
}

/** "two hundred and five thousand", "three point one four million", "a hundred". */
function readWords(tokens: readonly Token[], start: number): Reading | null {
  let at = start;
  let total = 0;
  let group: number | null = null;
  /** What the next small number must lie below: after "forty" a digit fits, after a digit nothing. */
  let room = Number.POSITIVE_INFINITY;
  if (/^an?$/.test(tokens[at]!.text) && isScale(tokens[at + 1]?.text)) {
    group = 1;
    room = 0;
    at++;
  }
  for (; at < tokens.length; at++) {
    if (at > start && tokens[at - 1]!.closed) break;
    const { text } = tokens[at]!;
    const small = digits.get(text) ?? teens.get(text) ?? tens.get(text);
    const scale = scales.get(text);
    if (small !== undefined && small < room) {
      group = (group ?? 0) + small;
      room = tens.has(text) ? 10 : 0;
    } else if (text === 'hundred' && group !== null && group < 100) {
      group = Math.max(1, group) * 100;
      room = 100;
    } else if (scale !== undefined && text.length > 2 && group !== null) {
      total += group * scale;
      group = null;
      room = 1000;
    } else if (text === 'point' && group !== null && digits.has(tokens[at + 1]?.text ?? '')) {
      return readFraction({ tokens, at: at + 1, whole: total + group });
    } else if (!(text === 'and' && room >= 100 && at > start && isSmall(tokens[at + 1]?.text))) break;
  }
  return at === start ? null : { value: total + (group ?? 0), unit: '', next: at };
}

function readFraction({ tokens, at, whole }: { tokens: readonly Token[]; at: number; whole: number }): Reading {
  let text = `${whole}.`;
  let next = at;
  for (; next < tokens.length && digits.has(tokens[next]!.text) && !tokens[next - 1]!.closed; next++)
    text += digits.get(tokens[next]!.text);
  const scale = tokens[next - 1]!.closed ? undefined : scales.get(tokens[next]?.text ?? '');
  return scale === undefined ? { value: Number(text), unit: '', next } : { value: exact(Number(text) * scale), unit: '', next: next + 1 };
}

const isSmall = (text = '') => digits.has(text) || teens.has(text) || tens.has(text);
const isScale = (text = '') => text === 'hundred' || (scales.has(text) && text.length > 2);
/** 4.35 × 1e6 is not 4349999.999. */
const exact = (value: number) => Number(value.toPrecision(12));

function toSaid({ value, unit, next }: Reading, tokens: readonly Token[], at: number): SaidNumber {
  const bare = next === at + 1 && unit === '' && digits.has(tokens[at]!.text);
  return { value, unit, from: tokens[at]!.word, to: tokens[next - 1]!.word + 1, bare };
}
