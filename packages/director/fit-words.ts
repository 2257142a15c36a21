import type { RangeS } from '#contracts/artifacts';
import { normalize } from './fillers.ts';
import { en } from './languages/en.ts';

export interface FittedWord extends RangeS {
  text: string;
}

/**
 * Words of one subtitle over the speech inside it: runs of neighbouring words go to runs of speech so that each gets the
 * time its letters want, with breaks preferred behind punctuation; inside a run by share of letters. No word lies across
 * a pause. Runs are sorted and disjoint, at least one; with fewer words than runs the shortest pauses are spoken over.
 */
export function fitWords(texts: readonly string[], runs: readonly RangeS[]): FittedWord[] {
  const joined = joinRuns(runs, texts.length > maxFittedWords ? 1 : Math.min(texts.length, maxRuns));
  const weights = texts.map(weightOf);
  const breaks = joined.length === 1 ? [0] : chooseBreaks({ texts, weights, runs: joined });
  return joined.flatMap((run, index) => {
    const [from, to] = [breaks[index]!, breaks[index + 1] ?? texts.length];
    return spread(texts.slice(from, to), { run, weights: weights.slice(from, to) });
  });
}

/** Bounds the work on one subtitle, words × words × runs; a longer one is no subtitle and has no times to speak of. */
const maxRuns = 12;
const maxFittedWords = 60;
/** Of the mean length of a run, squared: a comma is worth a break that is off by this much. */
const punctuationBonus = 0.1;
/** Letters that a filler takes the time of: it is drawn out. */
const fillerWeight = 6;

function weightOf(text: string): number {
  if (en.hard.has(normalize(text))) return fillerWeight;
  return text.replace(/[^\p{L}\p{N}]/gu, '').length + 1;
}

function joinRuns(runs: readonly RangeS[], limit: number): RangeS[] {
  const joined = runs.map((run) => ({ ...run }));
  while (joined.length > Math.max(1, limit)) {
    const gaps = joined.slice(1).map((run, index) => run.start_s - joined[index]!.end_s);
    const shortest = gaps.indexOf(Math.min(...gaps));
    joined[shortest]!.end_s = joined[shortest + 1]!.end_s;
    joined.splice(shortest + 1, 1);
  }
  return joined;
}

interface Fit {
  texts: readonly string[];
  weights: readonly number[];
  runs: readonly RangeS[];
}

interface Layout {
  cost: number;
  /** First word of each run so far. */
  breaks: number[];
}

/** The layout with the least sum of squared errors between a run's length and what its words want; run by run, over every last word. */
function chooseBreaks({ texts, weights, runs }: Fit): number[] {
  const lengths = runs.map((run) => run.end_s - run.start_s);
  const totalS = sum(lengths);
  const perWeight = totalS / sum(weights);
  const until = [0];
  for (const weight of weights) until.push(until.at(-1)! + weight * perWeight);
  const bonus = punctuationBonus * (totalS / runs.length) ** 2;
  const stepCost = (start: number, end: number, length: number) =>
    (length - until[end]! + until[start]!) ** 2 - (start > 0 && punctuation.test(texts[start - 1]!) ? bonus : 0);
  let best: (Layout | null)[] = [{ cost: 0, breaks: [] }, ...texts.map(() => null)];
  for (const length of lengths) {
    best = best.map((_, end) => {
      const layouts = best.slice(0, end).flatMap((before, start) => {
        return before === null ? [] : [{ cost: before.cost + stepCost(start, end, length), breaks: [...before.breaks, start] }];
      });
      return layouts.reduce<Layout | null>((least, layout) => (least === null || layout.cost < least.cost ? layout : least), null);
    });
  }
  return best[texts.length]!.breaks;
}

const punctuation = /[.,;:!?…—-]["'”’)\]]?$/;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function spread(texts: readonly string[], { run, weights }: { run: RangeS; weights: readonly number[] }): FittedWord[] {
  const perWeight = (run.end_s - run.start_s) / sum(weights);
  let at = run.start_s;
  return texts.map((text, index) => {
    const start_s = at;
    at = index === texts.length - 1 ? run.end_s : at + weights[index]! * perWeight;
    return { text, start_s, end_s: at };
  });
}
