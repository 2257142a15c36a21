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

/** Most of the one is in the other, and enough of what matters, so that nothing is lost with it. */
const againShare = 0.6;
const minAgain = 3;
/** A thought is no retake of a breath. */
const maxRetakeWords = 40;

function saysAgain(line: Line, next: Line): boolean {
  const words = plainOf(line);
  const other = new Set(plainOf(next).map(stem));
  const again = words.filter((word) => other.has(stem(word)));
  const enough = again.length >= againShare * words.length && again.filter(isContentWord).length >= minAgain;
  return enough && words.length <= maxRetakeWords && missing(words, other) === 0;
}

/** Numbers that would be gone. */
const missing = (words: readonly string[], other: ReadonlySet<string>) =>
  words.filter((word) => /\p{N}/u.test(word) && !other.has(stem(word))).length;

const plainOf = ({ text }: Line) => text.split(/\s+/).map(normalize).filter(Boolean);
