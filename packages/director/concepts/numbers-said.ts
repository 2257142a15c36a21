import { isContentWord } from '../keywords.ts';
import { findNumbers, isYear, type SaidNumber } from '../numbers.ts';
import type { Spoken } from './spoken.ts';

/** A number worth a picture, and the noun behind it where it has no sign: "15 hours". */
export interface Figure extends SaidNumber {
  noun: string;
}

/** Numbers of a sentence without years; `noun` counts for the unit. */
export function findFigures({ texts, plain }: Spoken): Figure[] {
  return findNumbers(texts)
    .filter((number) => !isYear(number))
    .map((number) => {
      const next = /[.,;:!?]$/.test(texts[number.to - 1] ?? '') ? '' : (plain[number.to] ?? '');
      return { ...number, noun: number.unit === '' && isContentWord(next) ? next : '' };
    });
}

export const findYears = ({ texts }: Spoken): SaidNumber[] => findNumbers(texts).filter(isYear);
