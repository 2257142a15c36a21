import type { EditPlan, PlanWord } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { buildEditMap, toNextOutputFrame } from './edit-map.ts';
import { normalize } from './fillers.ts';
import { findKeyPhrases, isContentWord, stem } from './keywords.ts';
import { type Sentence, splitSentences } from './sentences.ts';

export interface Chapter {
  /** Output time; the first is 0. */
  start_s: number;
  title: string;
}

export interface ChapterInput {
  plan: Pick<EditPlan, 'source' | 'keep' | 'cuts' | 'captions'>;
  /** First frame of each scene but the first, on the source grid. */
  scenes: readonly number[];
}

/** At least three, at least ten seconds each, in order, from scene changes, removed long pauses and changes of topic; or none. */
export function findChapters({ plan, scenes }: ChapterInput): Chapter[] {
  const fps = toFps(plan.source.fps);
  const map = buildEditMap(plan.keep);
  const durationS = map.frames / fps;
  const toOutput = (frame: number) => {
    const output = toNextOutputFrame(map, frame);
    return output === null ? [] : [output / fps];
  };
  const sentences = splitSentences(plan.captions.words);
  const candidates = [
    ...scenes.flatMap(toOutput).map((atS) => ({ atS, weight: sceneWeight })),
    ...longPauses(plan, fps).flatMap(({ frame, lengthS }) => toOutput(frame).map((atS) => ({ atS, weight: Math.min(1, lengthS / 2) }))),
    ...topicShifts(sentences),
  ];
  const starts = chooseStarts(gather(candidates, sentences), durationS);
  if (starts.length < minChapters) return [];
  return titleChapters(starts, { words: plan.captions.words, durationS });
}

interface Candidate {
  atS: number;
  weight: number;
}

const minChapters = 3;
const maxChapters = 12;
const minChapterS = 10;
const sceneWeight = 0.5;
/** A pause worth a breath between two thoughts. */
const longPauseS = 1;
const gatherS = 1.5;

function longPauses({ cuts }: ChapterInput['plan'], fps: number): { frame: number; lengthS: number }[] {
  return cuts
    .filter((cut) => cut.reason === 'silence')
    .map((cut) => ({ frame: cut.end_frame, lengthS: (cut.end_frame - cut.start_frame) / fps }))
    .filter((pause) => pause.lengthS >= longPauseS);
}

/** Where the words of three sentences share little with the three before: 1 − cosine of their content words. */
function topicShifts(sentences: readonly Sentence[]): Candidate[] {
  const span = 3;
  return sentences.flatMap((sentence, index) => {
    if (index < span || index + span > sentences.length) return [];
    const before = countWords(sentences.slice(index - span, index));
    const after = countWords(sentences.slice(index, index + span));
    return [{ atS: sentence[0]!.start_s, weight: 1 - cosine(before, after) }];
  });
}

function countWords(sentences: readonly Sentence[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of sentences
    .flat()
    .map((one) => normalize(one.text))
    .filter(isContentWord)) {
    counts.set(stem(word), (counts.get(stem(word)) ?? 0) + 1);
  }
  return counts;
}

function cosine(one: Map<string, number>, other: Map<string, number>): number {
  const norm = (counts: Map<string, number>) => Math.hypot(...counts.values());
  const product = [...one].reduce((sum, [word, count]) => sum + count * (other.get(word) ?? 0), 0);
  return product === 0 ? 0 : product / (norm(one) * norm(other));
}

/** A chapter begins with a sentence when one begins nearby; what falls together adds up. */
function gather(candidates: readonly Candidate[], sentences: readonly Sentence[]): Candidate[] {
  const edges = sentences.map((sentence) => sentence[0]!.start_s);
  const gathered = new Map<number, number>();
  for (const { atS, weight } of candidates) {
    const edge = edges.find((one) => Math.abs(one - atS) <= gatherS) ?? atS;
    gathered.set(edge, (gathered.get(edge) ?? 0) + weight);
  }
  return [...gathered].map(([atS, weight]) => ({ atS, weight }));
}

/** The strongest first, each at least ten seconds (in long videos more) from every other and from the end. */
function chooseStarts(candidates: readonly Candidate[], durationS: number): number[] {
  const spacingS = Math.max(minChapterS, durationS / (maxChapters + 1));
  const starts = [0];
  for (const { atS } of [...candidates].sort((one, other) => other.weight - one.weight || one.atS - other.atS)) {
    if (starts.length === maxChapters) break;
    const near = starts.some((start) => Math.abs(start - atS) < spacingS);
    if (!near && durationS - atS >= spacingS) starts.push(atS);
  }
  return starts.sort((one, other) => one - other);
}

function titleChapters(starts: readonly number[], { words, durationS }: { words: readonly PlanWord[]; durationS: number }): Chapter[] {
  const used = new Set<string>();
  return starts.map((start_s, index) => {
    const end_s = starts[index + 1] ?? durationS;
    const said = words.filter((word) => word.start_s >= start_s && word.start_s < end_s).map((word) => word.text);
    const phrase = findKeyPhrases(said, 5).find((one) => !used.has(one.text));
    if (phrase !== undefined) used.add(phrase.text);
    return { start_s: Math.round(start_s * 1000) / 1000, title: phrase === undefined ? `Part ${index + 1}` : capitalize(phrase.text) };
  });
}

const capitalize = (text: string) => text.replace(/^\p{L}/u, (letter) => letter.toUpperCase());
