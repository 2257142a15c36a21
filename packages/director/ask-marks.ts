import { z } from 'zod';
import type { Transcript } from '#contracts/artifacts';
import { type Ask, toData, toSystem } from './ask.ts';
import { countWindows } from './ask-insights.ts';
import type { Marks } from './director.ts';
import { normalize } from './fillers.ts';
import { isContentWord, stem } from './keywords.ts';
import { findPhrase, type Line, toLines, toWindows } from './script.ts';

const prompt = 'direct.1';
const system = toSystem(
  'You cut talking videos and read the sentences of a recording; sentence numbers count from 0. Find: fillers, phrases ' +
    'such as "you know", "like" or "so" that carry no meaning where they stand; retakes, sentences that the speaker breaks off or ' +
    'says again, better, in the very next sentence (give the number of the worse one, the earlier).',
);
const schema = z.object({
  fillers: z.array(z.object({ sentence: z.int().min(0), phrase: z.string() })),
  retakes: z.array(z.int().min(0)),
});
const maxTokensOut = 3_000;

/** A second, closer look at the words for what can be cut: one question a window. */
export async function askMarks({ words }: Pick<Transcript, 'words'>, ask: Ask, signal: AbortSignal): Promise<Marks> {
  if (words.length === 0) return { fillers: [], retakes: [] };
  const windows = toWindows(toLines(words), countWindows(words.at(-1)!.end_s - words[0]!.start_s, 'high_quality'));
  const found = await Promise.all(
    windows.map(async (lines) => {
      const parts = [toData({ task: 'direct', sentences: lines.map(({ text }) => text) })];
      return groundMarks(await ask({ prompt, system, parts, schema, maxTokensOut }, signal), lines, words);
    }),
  );
  return { fillers: found.flatMap(({ fillers }) => fillers), retakes: found.flatMap(({ retakes }) => retakes) };
}

function groundMarks(answer: z.infer<typeof schema>, lines: readonly Line[], words: Transcript['words']): Marks {
  return {
    fillers: answer.fillers.flatMap(({ sentence, phrase }) => {
      const line = lines[sentence];
      return (line && findPhrase(phrase, line, words)) ?? [];
    }),
    retakes: [...new Set(answer.retakes)].flatMap((index) => {
      const [line, next] = [lines[index], lines[index + 1]];
      return line && next && saysAgain(line, next) ? [{ first: line.first, last: line.last }] : [];
    }),
  };
}

/** Most of what matters in the one is in the other, so that nothing is lost with it. */
const againShare = 0.6;
/** A thought is no retake of a breath. */
const maxRetakeWords = 40;

function saysAgain(line: Line, next: Line): boolean {
  const [one, other] = [contentOf(line), new Set(contentOf(next))];
  const again = one.filter((word) => other.has(word)).length;
  return line.last - line.first < maxRetakeWords && one.length > 0 && again >= againShare * one.length;
}

const contentOf = ({ text }: Line) => text.split(/\s+/).map(normalize).filter(isContentWord).map(stem);
