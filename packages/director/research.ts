import type { Competitors, Keyword, Research, TitleShape } from '#contracts/research';
import { normalize } from './fillers.ts';
import { isContentWord, type KeyPhrase, stem } from './keywords.ts';

export interface ResearchQuestion {
  /** What is talked about, most telling first. */
  phrases: readonly KeyPhrase[];
  /** sha256 of the footage: what was made of it before is no competition. */
  footage: string;
}

/** Somebody who knows what is looked for and what is there already. Throws ProviderError. */
export interface ResearchSource {
  by: string;
  keywords(question: ResearchQuestion, signal: AbortSignal): Promise<Keyword[]>;
  competitors(question: ResearchQuestion, signal: AbortSignal): Promise<Competitors>;
}

/** Both questions at once; a recording without words is not asked about. */
export async function research(source: ResearchSource, question: ResearchQuestion, signal: AbortSignal): Promise<Research> {
  if (question.phrases.length === 0) return { by: source.by, keywords: [], competitors: { titles: [], shape: null } };
  const [keywords, competitors] = await Promise.all([source.keywords(question, signal), source.competitors(question, signal)]);
  return { by: source.by, keywords, competitors };
}

/** Key phrases in the order of what they are worth: how much is said of them, and how much they are looked for. */
export function rankPhrases(phrases: readonly KeyPhrase[], keywords: readonly Keyword[]): KeyPhrase[] {
  if (keywords.length === 0) return [...phrases];
  const worth = new Map(keywords.map(({ text, score }) => [stemsOf(text).join(' '), score]));
  return phrases
    .map(({ text, score }) => ({ text, score: score * (saidAlone + (worth.get(stemsOf(text).join(' ')) ?? 0)) }))
    .sort((one, other) => other.score - one.score);
}

/** Weight of a phrase that nobody looks for; one that everybody looks for has three times as much. */
const saidAlone = 0.5;

/** Pure: what titles have in common. */
export function toShape(titles: readonly string[]): TitleShape | null {
  if (titles.length === 0) return null;
  const lengths = titles.map((title) => title.split(/\s+/).length).sort((one, other) => one - other);
  const share = (pattern: RegExp) => Math.round((100 * titles.filter((title) => pattern.test(title)).length) / titles.length) / 100;
  return { words: lengths[lengths.length >> 1]!, questions: share(question), numbers: share(number) };
}

/** How much a title is made as those are that people know, 1 and up; a title that is taken is worth nothing. */
export function fitTitle(title: string, { titles, shape }: Competitors): number {
  if (titles.some((taken) => plainOf(taken) === plainOf(title))) return 0;
  if (shape === null) return 1;
  const usual = Math.abs(title.split(/\s+/).length - shape.words) <= 2 ? 1 : 0;
  return 1 + fitWeight * (usual + (question.test(title) ? shape.questions : 0) + (number.test(title) ? shape.numbers : 0));
}

const fitWeight = 0.15;
const question = /\?|^(how|why|what|when|who|where)\b/i;
const number = /\p{N}/u;

export const noCompetitors: Competitors = { titles: [], shape: null };
export const isTaken = (title: string, competitors: Competitors): boolean => fitTitle(title, competitors) === 0;

/** Content words by their stems, in order. */
export const stemsOf = (text: string): string[] => text.split(/\s+/).map(normalize).filter(isContentWord).map(stem);
const plainOf = (text: string) => text.split(/\s+/).map(normalize).filter(Boolean).join(' ');
