import type { RangeS } from '#contracts/artifacts';
import { normalize } from './fillers.ts';

interface Heard extends RangeS {
  text: string;
}

/** The same word twice lies no further apart than this. */
const reachS = 2;
const overlapS = 5;

/**
 * Two stretches written down apart, heard twice around `cutS`, become one: joined at the word nearest to the cut that
 * both heard (longest common subsequence of the overlap), else at the cut itself. Each side keeps its interior.
 */
export function mergeWords<T extends Heard>(before: readonly T[], after: readonly T[], cutS: number): T[] {
  const near = (word: T) => Math.abs(middleOf(word) - cutS) <= overlapS + reachS;
  const firstNear = before.findIndex(near);
  const head = firstNear < 0 ? [] : before.slice(firstNear);
  const seams = commonWords(head, after.filter(near));
  if (seams.length === 0) return [...before.filter((word) => middleOf(word) < cutS), ...after.filter((word) => middleOf(word) >= cutS)];
  const seam = seams.reduce((best, one) => (distance(one.before, cutS) < distance(best.before, cutS) ? one : best));
  return [...before.slice(0, before.indexOf(seam.before) + 1), ...after.slice(after.indexOf(seam.after) + 1)];
}

const middleOf = ({ start_s, end_s }: RangeS) => (start_s + end_s) / 2;
const distance = (word: RangeS, cutS: number) => Math.abs(middleOf(word) - cutS);

interface Pair<T> {
  before: T;
  after: T;
}

/** Longest common subsequence, by table; an overlap has a few dozen words. */
function commonWords<T extends Heard>(before: readonly T[], after: readonly T[]): Pair<T>[] {
  const lengths = before.map(() => new Array<number>(after.length + 1).fill(0));
  lengths.push(new Array<number>(after.length + 1).fill(0));
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i]![j] = isSame(before[i]!, after[j]!) ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
    }
  }
  const pairs: Pair<T>[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (isSame(before[i]!, after[j]!)) pairs.push({ before: before[i++]!, after: after[j++]! });
    else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++;
    else j++;
  }
  return pairs;
}

const isSame = (one: Heard, other: Heard) =>
  normalize(one.text) === normalize(other.text) && Math.abs(middleOf(one) - middleOf(other)) <= reachS;
