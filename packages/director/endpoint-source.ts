import { z } from 'zod';
import { ProviderError } from '#contracts/ai';
import { type ResearchQuestion, type ResearchSource, toShape } from './research.ts';
import { isHarmless } from './said.ts';

const keywordsAnswer = z.object({
  keywords: z.array(z.object({ text: z.string(), score: z.number().optional() })).max(1_000),
});
const competitorsAnswer = z.object({ titles: z.array(z.object({ title: z.string() })).max(1_000) });

/** The body that is posted to a research service. It holds key phrases of the recording, never the recording's words. */
export interface EndpointQuestion {
  version: 1;
  kind: 'keywords' | 'competitors';
  phrases: string[];
}

/**
 * A service of the owner's that knows the outside world, asked over HTTP with JSON (docs/research.md). What is not a
 * plain short text in its answer is dropped; an answer of another shape is none.
 */
export function createEndpointSource(
  by: string,
  post: (question: EndpointQuestion, signal: AbortSignal) => Promise<unknown>,
): ResearchSource {
  async function ask<T>(
    kind: EndpointQuestion['kind'],
    schema: z.ZodType<T>,
    { phrases }: ResearchQuestion,
    signal: AbortSignal,
  ): Promise<T> {
    const sent = phrases.slice(0, most.phrases).map(({ text }) => text);
    const parsed = schema.safeParse(await post({ version: 1, kind, phrases: sent }, signal));
    if (parsed.success) return parsed.data;
    throw new ProviderError(`the research service did not answer about ${kind}`, { fault: { kind: 'unusable' } });
  }
  return {
    by,
    async keywords(question, signal) {
      const { keywords } = await ask('keywords', keywordsAnswer, question, signal);
      const known = keywords.map(({ text, score = 0.5 }) => ({ text: tidy(text).toLowerCase(), score: clamp(score) }));
      const distinct = new Map(known.filter(({ text }) => isShort(text, 80)).map((one) => [one.text, one]));
      return [...distinct.values()].sort((one, other) => other.score - one.score).slice(0, most.keywords);
    },
    async competitors(question, signal) {
      const { titles } = await ask('competitors', competitorsAnswer, question, signal);
      const known = [...new Set(titles.map(({ title }) => tidy(title)))].filter((title) => isShort(title, 200)).slice(0, most.titles);
      return { titles: known, shape: toShape(known) };
    },
  };
}

const most = { phrases: 20, keywords: 40, titles: 20 };
const clamp = (value: number) => Math.min(1, Math.max(0, value));
const tidy = (text: string) => text.slice(0, 1_000).replace(/\s+/g, ' ').trim();
const isShort = (text: string, limit: number) => text !== '' && text.length <= limit && isHarmless(text);
