import { type EditPlan, type FrameRange, type ThumbnailLayout, thumbnailLayouts } from '#contracts/plan';
import { detectContentType } from './content-type.ts';
import type { DirectorInput } from './director.ts';
import { countHooks } from './hooks.ts';
import { findKeyPhrases, type KeyPhrase } from './keywords.ts';
import { pickThumbnails } from './thumbnail-picks.ts';

/**
 * Chosen frames, each in another layout (what worked before for the best), with a headline from what is said, or seen where
 * nobody speaks (none without either), and the impact that decides about an image model.
 */
export function planThumbnails(input: DirectorInput, keep: readonly FrameRange[]): EditPlan['thumbnails'] {
  const { settings, video, transcript, source, sights } = input;
  if (settings.thumbnails === null) return [];
  const picks = pickThumbnails(video.candidates, {
    keep,
    scenes: video.scenes,
    fps: source.video.fps,
    count: settings.thumbnails.count,
  });
  const phrases = findHeadlines(
    transcript.words.map((word) => word.text),
    picks.length,
  );
  const layouts = chooseLayouts(input);
  return picks.map(({ frame, score }, index) => {
    const headline = toHeadline(phrases.length > 0 ? (phrases[index]?.text ?? '') : sightOf(frame, sights));
    return { frame, headline, impact: toImpact(score, headline), layout: layouts[index % layouts.length]! };
  });
}

/** The topic first; then what says more than a word. */
function findHeadlines(texts: readonly string[], count: number): KeyPhrase[] {
  const [topic, ...others] = findKeyPhrases(texts, 4 * count);
  if (topic === undefined) return [];
  const words = ({ text }: KeyPhrase) => Math.min(2, text.split(' ').length);
  return [topic, ...others.toSorted((one, other) => words(other) - words(one))].slice(0, count);
}

/** What the nearest frame shows that somebody looked at. */
function sightOf(frame: number, sights: DirectorInput['sights']): string {
  const seen = sights?.seen ?? [];
  return seen.toSorted((one, other) => Math.abs(one.frame - frame) - Math.abs(other.frame - frame))[0]?.text ?? '';
}

/** All of them, those first that were taken most often for this type of content; an order that is not whole is none. */
function chooseLayouts({ settings, audio, envelope, transcript }: DirectorInput): readonly ThumbnailLayout[] {
  const { value } = detectContentType({ requested: settings.content_type, audio, envelope, transcript });
  const known = settings.templates?.[value];
  return known?.length === thumbnailLayouts.length ? known : thumbnailLayouts;
}

/** The same picture under other words, and what that does to its impact. */
export function withHeadline(thumbnail: EditPlan['thumbnails'][number], headline: string): EditPlan['thumbnails'][number] {
  const gained = hookWeight * (hookOf(headline) - hookOf(thumbnail.headline));
  return { ...thumbnail, headline, impact: round(thumbnail.impact + gained) };
}

const maxHeadlineCharacters = 30;

function toHeadline(phrase: string): string {
  return phrase.length <= maxHeadlineCharacters ? phrase.replace(/^\p{L}/u, (letter) => letter.toUpperCase()) : '';
}

/** 0.6 of the frame, 0.4 of the words; starting values. */
function toImpact(score: number, headline: string): number {
  const frame = Math.min(1, Math.max(0, score));
  return round((1 - hookWeight) * frame + hookWeight * hookOf(headline));
}

const hookWeight = 0.4;
const round = (value: number) => Math.round(value * 1000) / 1000;

/** Numbers, questions and superlatives make people look. */
function hookOf(headline: string): number {
  if (headline === '') return 0;
  return Math.min(1, 0.4 + 0.3 * countHooks(headline));
}
