import type { Sights } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';
import type { Competitors, Research } from '#contracts/research';
import { type Chapter, findChapters } from './chapters.ts';
import { normalize } from './fillers.ts';
import { findKeyPhrases, type KeyPhrase, stem } from './keywords.ts';
import { fitTitle, noCompetitors, rankPhrases, stemsOf } from './research.ts';
import { toSaid, touchesSaid } from './said.ts';
import { type Sentence, splitSentences, toText } from './sentences.ts';

/**
 * `metadata.json`. Title ≤ 70 characters, description ≤ 1 000, tags ≤ 500 together. Every word of the keywords was said; a tag
 * was said too, or is one that research named and that shares a word with what was said; where little is said, what somebody saw stands in.
 */
export interface VideoMetadata {
  by: string;
  title: string;
  description: string;
  tags: string[];
  keywords: string[];
  chapters: Chapter[];
}

export interface MetadataInput {
  plan: Pick<EditPlan, 'source' | 'keep' | 'cuts' | 'captions'>;
  scenes: readonly number[];
  /** What the owner calls the footage. */
  sourceName: string;
  /** Left out when nobody was asked. */
  research?: Research | undefined;
  /** Left out when nobody looked. */
  sights?: Sights | undefined;
}

/** The offline metadata: extracted, never invented. Without words the title is what was seen, or the file's name, and only scenes make chapters. */
export function buildMetadata({ plan, scenes, sourceName, research, sights }: MetadataInput): VideoMetadata {
  const { words } = plan.captions;
  const texts = words.map((word) => word.text);
  const phrases = rankPhrases(findKeyPhrases(texts, maxKeywords), research?.keywords ?? []);
  const sentences = splitSentences(words);
  return {
    by: 'rules',
    title: chooseTitle(sentences, phrases, research?.competitors) ?? (sights?.title || cleanName(sourceName)),
    description: summarize(sentences, phrases) || (sights?.description ?? ''),
    tags: fitTags([...phrases.map((phrase) => phrase.text), ...findTags(texts, research), ...(sights?.tags ?? [])]),
    keywords: phrases.map((phrase) => phrase.text),
    chapters: findChapters({ plan, scenes }),
  };
}

/** What is looked for in other words than was said, and touches it; most wanted first. */
export function findTags(texts: readonly string[], research: Research | undefined): string[] {
  if (!research) return [];
  const said = toSaid(texts);
  const isNew = (text: string) => stemsOf(text).some((one) => !said.stems.has(one));
  return research.keywords.map(({ text }) => text).filter((text) => isNew(text) && touchesSaid(text, said));
}

const maxKeywords = 15;
const maxTitle = 70;
const maxDescription = 1_000;
const maxTags = 500;

/** Weight of the key phrases in a sentence, each word counted once. */
function weigh(sentence: Sentence, phrases: readonly KeyPhrase[]): number {
  const stems = new Set(sentence.map((word) => stem(normalize(word.text))));
  return phrases.reduce((sum, phrase) => sum + (phrase.text.split(' ').every((word) => stems.has(stem(word))) ? phrase.score : 0), 0);
}

const wholeSentence = /^["'“‘]?[\p{Lu}\p{N}].*[.!?]$/u;

/** The whole sentence that says most of what matters, fits and is nobody's title yet; else the two best phrases; null without words. */
export function chooseTitle(
  sentences: readonly Sentence[],
  phrases: readonly KeyPhrase[],
  competitors: Competitors = noCompetitors,
): string | null {
  const fitting = sentences
    .map((sentence) => ({ words: sentence.length, text: toText(sentence), sentence }))
    .map(({ words, text, sentence }) => ({ words, text, weight: weigh(sentence, phrases) * fitTitle(text, competitors) }))
    .filter(({ words, text }) => words >= 4 && words <= 12 && text.length <= maxTitle && wholeSentence.test(text))
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight);
  if (fitting[0] !== undefined) return capitalize(fitting[0].text.replace(/[.,;:]+$/, ''));
  const [first, second] = phrases.map((phrase) => phrase.text);
  if (first === undefined) return null;
  const both = `${first} and ${second}`;
  return capitalize(second !== undefined && both.length <= maxTitle ? both : cut(first, maxTitle));
}

/** The three weightiest sentences in the order they are said. */
function summarize(sentences: readonly Sentence[], phrases: readonly KeyPhrase[]): string {
  const best = sentences
    .map((sentence, index) => ({ index, text: toText(sentence), weight: weigh(sentence, phrases) / Math.sqrt(sentence.length + 3) }))
    .filter(({ weight, text }) => weight > 0 && text.split(' ').length >= 4)
    .sort((one, other) => other.weight - one.weight)
    .slice(0, 3)
    .sort((one, other) => one.index - other.index);
  return cut(best.map(({ text }) => capitalize(/[.!?…]$/.test(text) ? text : `${text}.`)).join(' '), maxDescription);
}

/** Platforms count the commas in. */
function fitTags(candidates: readonly string[]): string[] {
  const tags: string[] = [];
  let characters = 0;
  for (const tag of new Set(candidates)) {
    if (characters + tag.length + 1 > maxTags) break;
    characters += tag.length + 1;
    tags.push(tag);
  }
  return tags;
}

/** `2024-03-01_My.great-talk (final).mp4` → `My great talk`. */
export function cleanName(name: string): string {
  const plain = name
    .replace(/^.*[\\/]/, '')
    .replace(/\.[a-z0-9]{2,4}$/i, '')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .replace(/\b(?:19|20)\d{2}[-_.]?\d{2}[-_.]?\d{2}\b|(?<=^|[_\s])(?:19|20)\d{2}[-_.]?\d{2}[-_.]?\d{2}(?=[_\s]|$)/g, ' ')
    .replace(/\((?:final|copy|\d+)\)/gi, ' ')
    .replace(/[_.]+|-+(?=\S)|(?<=\S)-+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? 'Untitled' : capitalize(cut(plain, maxTitle));
}

const capitalize = (text: string) => text.replace(/^\p{L}/u, (letter) => letter.toUpperCase());

/** At a blank when there is one. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const head = text.slice(0, limit - 1);
  const blank = head.lastIndexOf(' ');
  return `${(blank > limit / 2 ? head.slice(0, blank) : head).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
