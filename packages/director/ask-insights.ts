import { z } from 'zod';
import type { Insights, Transcript } from '#contracts/artifacts';
import { type Concept, conceptKinds } from '#contracts/concepts';
import { type Ask, toData, toSystem } from './ask.ts';
import { chunkS } from './audio-chunks.ts';
import { clipsTask, groundProposals, mostProposed, proposedSchema } from './clip-proposals.ts';
import type { UnderstandInput } from './director.ts';
import { groundConcept } from './ground-concept.ts';
import { toSaid, wasSaid } from './said.ts';
import { findPhrase, type Line, toLines, toWindows } from './script.ts';

const prompt = 'understand.1';
const task =
  'You are the assistant of a video editor and read the sentences of a recording; sentence numbers count from 0. Find: ' +
  'content_type; concepts that a card could show (at most one in four sentences), their labels, values and unit exactly as said; ' +
  'peaks, the sentences that move a listener most; key_phrases, up to 10 topics in the speaker’s own words; ' +
  'fillers, phrases such as "you know", "like" or "so" that carry no meaning where they stand.';
const sentence = z.int().min(0);
const schema = z.object({
  content_type: z.enum(['educational', 'music', 'general']),
  concepts: z.array(
    z.object({
      sentence,
      kind: z.enum(conceptKinds),
      phrase: z.string(),
      labels: z.array(z.string()),
      values: z.array(z.number()),
      unit: z.string(),
    }),
  ),
  peaks: z.array(z.object({ sentence, kind: z.enum(['insight', 'surprise', 'humour', 'emotion', 'question']) })),
  key_phrases: z.array(z.string()),
  fillers: z.array(z.object({ sentence, phrase: z.string() })),
});
const withClips = schema.extend({ clips: z.array(proposedSchema) });
type Understood = z.infer<typeof schema> & Partial<z.infer<typeof withClips>>;

/** Clips are looked for in the same question: they cost words, no calls. */
const questions = {
  plain: { prompt, system: toSystem(task), schema: schema as z.ZodType<Understood>, maxTokensOut: 6_000 },
  clips: {
    prompt: `${prompt}.clips`,
    system: toSystem(`${task} Also ${clipsTask}`),
    schema: withClips as z.ZodType<Understood>,
    maxTokensOut: 7_000,
  },
};
const most = { concepts: 200, peaks: 100, key_phrases: 15, fillers: 1_000, clips: 50 };
/** A window of `high_quality`; the other modes read three at once. */
const balancedWindows = 3;

/** How many questions `understand` and `direct` ask of so long a recording. */
export function countWindows(lengthS: number, mode: UnderstandInput['mode']): number {
  const windows = Math.max(1, Math.round(lengthS / chunkS));
  return mode === 'high_quality' ? windows : Math.ceil(windows / balancedWindows);
}

/** One question a window; every finding is looked for in the transcript again and dropped when it is not there. */
export async function askInsights(
  { transcript, mode, clips }: UnderstandInput,
  ask: Ask,
  signal: AbortSignal,
): Promise<Omit<Insights, 'by'>> {
  const { words } = transcript;
  if (words.length === 0) return { content_type: null, concepts: [], peaks: [], key_phrases: [], fillers: [], clips: [], warnings: [] };
  const windows = toWindows(toLines(words), countWindows(words.at(-1)!.end_s - words[0]!.start_s, mode));
  const found = await Promise.all(
    windows.map(async (lines) => {
      const parts = [toData({ task: 'understand', sentences: lines.map(({ text }) => text), ...(clips && { clips: mostProposed }) })];
      return groundInsights(await ask({ ...questions[clips ? 'clips' : 'plain'], parts }, signal), lines, words);
    }),
  );
  return {
    content_type: found[0]!.content_type,
    concepts: found.flatMap(({ concepts }) => concepts).slice(0, most.concepts),
    peaks: found.flatMap(({ peaks }) => peaks).slice(0, most.peaks),
    key_phrases: [...new Set(found.flatMap(({ key_phrases }) => key_phrases))].slice(0, most.key_phrases),
    fillers: found.flatMap(({ fillers }) => fillers).slice(0, most.fillers),
    clips: found.flatMap((one) => one.clips).slice(0, most.clips),
    warnings: [],
  };
}

function groundInsights(answer: Understood, lines: readonly Line[], words: Transcript['words']): Omit<Insights, 'by' | 'warnings'> {
  const said = toSaid(words.map(({ text }) => text));
  return {
    content_type: answer.content_type,
    concepts: answer.concepts.flatMap((concept) => toConcept(concept, lines[concept.sentence], words) ?? []),
    peaks: answer.peaks.flatMap(({ sentence: index, kind }) => {
      const line = lines[index];
      return line ? [{ first: line.first, last: line.last, kind }] : [];
    }),
    key_phrases: answer.key_phrases.map((phrase) => phrase.trim().slice(0, 80)).filter((phrase) => wasSaid(phrase, said)),
    fillers: answer.fillers.flatMap(({ sentence: index, phrase }) => {
      const line = lines[index];
      return (line && findPhrase(phrase, line, words)) ?? [];
    }),
    clips: groundProposals(answer.clips ?? [], lines, words),
  };
}

const limits = { phrase: 300, label: 160, labels: 6, values: 6, unit: 24, words: 120 };

function toConcept(found: Understood['concepts'][number], line: Line | undefined, words: Transcript['words']): Concept | null {
  const { kind, phrase, labels, values, unit } = found;
  const tooMuch = phrase.length > limits.phrase || labels.some((label) => label === '' || label.length > limits.label);
  if (!line || phrase === '' || tooMuch || labels.length > limits.labels || values.length > limits.values || unit.length > limits.unit)
    return null;
  const span = findPhrase(phrase, line, words) ?? line;
  const concept: Concept = {
    kind,
    phrase,
    labels,
    values,
    unit,
    start_s: words[span.first]!.start_s,
    end_s: words[span.last]!.end_s,
    words: words
      .slice(line.first, line.last + 1)
      .slice(0, limits.words)
      .map(({ text }) => text),
  };
  return groundConcept(concept, words);
}
