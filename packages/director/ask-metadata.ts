import { z } from 'zod';
import { toFps } from '#contracts/rational';
import type { Research } from '#contracts/research';
import { type Ask, toData, toSystem } from './ask.ts';
import type { Chapter } from './chapters.ts';
import { buildEditMap } from './edit-map.ts';
import { buildMetadata, findTags, type MetadataInput, type VideoMetadata } from './metadata.ts';
import { isTaken, noCompetitors } from './research.ts';
import { isGrounded, isSaidTag, type Said, toSaid } from './said.ts';
import { type Line, toLines } from './script.ts';

const prompt = 'metadata.2';
const system = toSystem(
  'You write the metadata of a video from its sentences; sentence numbers count from 0. title: at most 70 characters, what a ' +
    'viewer gets, no clickbait; description: two to five sentences; tags: up to 15, most telling first; chapters: where a ' +
    'new topic begins (its sentence, a title of two to six words), none for short videos. Keep the language of the recording. ' +
    'looked_for, when it is there, holds what people search for: use of it what the recording speaks of. titles_taken holds ' +
    'titles of similar videos: be as clear as they are, and copy none.',
);
const schema = z.object({
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  chapters: z.array(z.object({ sentence: z.int().min(0), title: z.string() })),
});
type Written = z.infer<typeof schema>;
const maxTokensOut = 2_000;

/** One question for all of it. What does not hold against the words is replaced by what the rules found, piece by piece. */
export async function askMetadata(input: MetadataInput, ask: Ask, signal: AbortSignal): Promise<Omit<VideoMetadata, 'by'>> {
  const plain = buildMetadata(input);
  const lines = toLines(input.plan.captions.words);
  if (lines.length === 0) return plain;
  const known = toKnown(input.research);
  const parts = [toData({ task: 'metadata', sentences: lines.map(({ text }) => text), keywords: plain.keywords, ...known })];
  const written = await ask({ prompt, system, parts, schema, maxTokensOut }, signal);
  return groundMetadata(written, { plain, lines, input });
}

/** As much of the research as a writer can use. */
function toKnown(research: Research | undefined) {
  const { keywords = [], competitors = noCompetitors } = research ?? {};
  return {
    ...(keywords.length > 0 && { looked_for: keywords.slice(0, 20).map(({ text }) => text) }),
    ...(competitors.titles.length > 0 && { titles_taken: competitors.titles.slice(0, 10) }),
  };
}

const limits = { title: 70, description: 1_000, tags: 500, tag: 60, chapters: 12, chapterS: 10, chapterTitle: 60 };

interface Ground {
  plain: VideoMetadata;
  lines: readonly Line[];
  input: MetadataInput;
}

function groundMetadata(written: Written, { plain, lines, input }: Ground): Omit<VideoMetadata, 'by'> {
  const texts = input.plan.captions.words.map(({ text }) => text);
  const said = toSaid(texts);
  const title = tidy(written.title);
  const isOurs = (one: string) =>
    one.length <= limits.title && isGrounded(one, said) && !isTaken(one, input.research?.competitors ?? noCompetitors);
  const chapters = groundChapters(written.chapters, { lines, said, endS: durationOf(input) });
  const description = groundDescription(written.description, said);
  const tags = groundTags(written.tags, said, new Set(findTags(texts, input.research)));
  return {
    title: isOurs(title) ? title : plain.title,
    description: description || plain.description,
    tags: tags.length > 0 ? tags : plain.tags,
    keywords: plain.keywords,
    chapters: chapters.length > 0 ? chapters : plain.chapters,
  };
}

const tidy = (text: string) => text.slice(0, 10_000).replace(/\s+/g, ' ').trim();

/** Sentence by sentence: one that adds something falls out alone. */
function groundDescription(text: string, said: Said): string {
  const sentences = tidy(text).match(/[^.!?…]+[.!?…]*/gu) ?? [];
  let description = '';
  for (const sentence of sentences.map((one) => one.trim()).filter((one) => isGrounded(one, said))) {
    if (description.length + sentence.length + 1 > limits.description) break;
    description = `${description} ${sentence}`.trim();
  }
  return description;
}

function groundTags(tags: readonly string[], said: Said, lookedFor: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (const tag of tags.slice(0, 100).map((one) => tidy(one).toLowerCase())) {
    const fits = tag.length <= limits.tag && [...kept, tag].join(',').length <= limits.tags;
    if (fits && !kept.includes(tag) && (isSaidTag(tag, said) || lookedFor.has(tag))) kept.push(tag);
  }
  return kept;
}

/** The first begins with the video; three at least, ten seconds each, or none. */
function groundChapters(
  written: Written['chapters'],
  { lines, said, endS }: { lines: readonly Line[]; said: Said; endS: number },
): Chapter[] {
  const chapters: Chapter[] = [];
  for (const { sentence, title } of written.slice(0, 100)) {
    const startS = chapters.length === 0 ? 0 : lines[sentence]?.start_s;
    const name = tidy(title);
    if (startS === undefined || name.length > limits.chapterTitle || !isGrounded(name, said)) continue;
    const far = startS - (chapters.at(-1)?.start_s ?? -limits.chapterS) >= limits.chapterS && endS - startS >= limits.chapterS;
    if (far && chapters.length < limits.chapters) chapters.push({ start_s: Math.round(startS * 1000) / 1000, title: name });
  }
  return chapters.length >= 3 ? chapters : [];
}

const durationOf = ({ plan }: MetadataInput) => buildEditMap(plan.keep).frames / toFps(plan.source.fps);
