import type { RangeS, Transcript } from '#contracts/artifacts';
import type { Warning } from '#contracts/footage';

type Words = Transcript['words'];

/** `heard` null: there is nothing to hear. Sorted by start. */
export interface WordsContext {
  durationS: number;
  heard: RangeS[] | null;
}

/**
 * Words that can be true, sorted, disjoint, inside [0, durationS], and a warning for each kind that cannot: outside the
 * file, under another word, or in a silence longer than 0.5 s, where models invent text. Speech faster than six words a
 * second is reported and kept: its times are doubtful, its words are not.
 */
export function checkWords(words: Words, { durationS, heard }: WordsContext): { words: Words; warnings: Warning[] } {
  const sorted = [...words].sort((one, other) => one.start_s - other.start_s);
  const inside = sorted
    .filter((word) => word.start_s < durationS && word.end_s > 0)
    .map((word) => ({ ...word, start_s: Math.max(0, word.start_s), end_s: Math.min(durationS, word.end_s) }));
  const disjoint = separate(inside);
  const audible = heard === null ? disjoint : dropUnheard(disjoint, { heard, durationS });
  const warnings = [
    ...report('TRANSCRIPT_OUTSIDE', sorted.length - inside.length, 'words left out, outside the footage'),
    ...report('TRANSCRIPT_OVERLAP', inside.length - disjoint.length, 'words left out, under another one'),
    ...report('TRANSCRIPT_IN_SILENCE', disjoint.length - audible.length, 'words left out, where nothing is heard'),
    ...report('TRANSCRIPT_TOO_FAST', countTooFast(audible), 'words with doubtful times, faster than six a second'),
  ];
  return { words: audible, warnings };
}

const minWordS = 0.01;
const minSilenceS = 0.5;
/** Forced alignments are themselves off by up to 50 ms, spread words by more. */
const slackS = 0.15;
const rateWindowS = 3;
const maxWordsPerWindow = 18;

function separate(words: Words): Words {
  return words
    .map((word, index) => ({ ...word, end_s: Math.min(word.end_s, words[index + 1]?.start_s ?? word.end_s) }))
    .filter((word) => word.end_s - word.start_s >= minWordS - 1e-9);
}

function dropUnheard(words: Words, { heard, durationS }: { heard: RangeS[]; durationS: number }): Words {
  const starts = [0, ...heard.map((range) => range.end_s)];
  const ends = [...heard.map((range) => range.start_s), durationS];
  let gap = 0;
  return words.filter((word) => {
    while (gap < heard.length && ends[gap]! < word.end_s + slackS) gap++;
    const isEdge = { start: gap === 0, end: gap === heard.length };
    const long = ends[gap]! - starts[gap]! > minSilenceS;
    const startsInside = isEdge.start || word.start_s - slackS >= starts[gap]!;
    const endsInside = isEdge.end || word.end_s + slackS <= ends[gap]!;
    return !(long && startsInside && endsInside);
  });
}

function countTooFast(words: Words): number {
  return words.filter((word, index) => {
    const far = words[index + maxWordsPerWindow];
    return far !== undefined && far.start_s - word.start_s < rateWindowS;
  }).length;
}

function report(code: string, count: number, message: string): Warning[] {
  return count > 0 ? [{ code, stage: 'transcribe', message: `${message}: ${count}` }] : [];
}
