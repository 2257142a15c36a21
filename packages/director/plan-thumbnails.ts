import type { ScoredFrame } from '#contracts/artifacts';
import type { EditPlan, FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import type { DirectorInput } from './director.ts';
import { findKeyPhrases } from './keywords.ts';

/** Chosen frames with a headline from what is said (none without words) and the impact that decides about an image model. */
export function planThumbnails(
  { settings, video, transcript, source }: DirectorInput,
  keep: readonly FrameRange[],
): EditPlan['thumbnails'] {
  if (settings.thumbnails === null) return [];
  const picks = pickFrames(video.candidates, { count: settings.thumbnails.count, keep, fps: toFps(source.video.fps) });
  const phrases = findKeyPhrases(
    transcript.words.map((word) => word.text),
    picks.length,
  );
  return picks.map(({ frame, score }, index) => {
    const headline = toHeadline(phrases[index]?.text ?? '');
    return { frame, headline, impact: toImpact(score, headline), layout: 'full' };
  });
}

/** Best first, inside what is kept, away from its seams when there is such a frame, and not twice the same picture. */
function pickFrames(
  candidates: readonly ScoredFrame[],
  { count, keep, fps }: { count: number; keep: readonly FrameRange[]; fps: number },
): ScoredFrame[] {
  const marginFrames = seamMarginS * fps;
  const isIn = (frame: number, margin: number) =>
    keep.some((range) => frame >= range.start_frame + margin && frame < range.end_frame - margin);
  const kept = candidates.filter(({ frame }) => isIn(frame, 0));
  const clear = kept.filter(({ frame }) => isIn(frame, marginFrames));
  const picks: ScoredFrame[] = [];
  for (const candidate of (clear.length > 0 ? clear : kept).toSorted((one, other) => other.score - one.score)) {
    if (picks.length < count && picks.every((pick) => hammingDistance(pick.dhash, candidate.dhash) >= minDistance)) picks.push(candidate);
  }
  return picks;
}

const seamMarginS = 0.5;
/** Bits of 64. */
const minDistance = 10;

function hammingDistance(one: string, other: string): number {
  return (BigInt(`0x${one}`) ^ BigInt(`0x${other}`)).toString(2).replaceAll('0', '').length;
}

const maxHeadlineCharacters = 30;

const toHeadline = (phrase: string) =>
  phrase.length <= maxHeadlineCharacters ? phrase.replace(/^\p{L}/u, (letter) => letter.toUpperCase()) : '';

/** 0.6 of the frame, 0.4 of the words; starting values. */
function toImpact(score: number, headline: string): number {
  const frame = Math.min(1, Math.max(0, score));
  return Math.round((0.6 * frame + 0.4 * hookOf(headline)) * 1000) / 1000;
}

/** Numbers, questions and superlatives make people look. */
function hookOf(headline: string): number {
  if (headline === '') return 0;
  const hooks = [/\d/, /\?|^(how|why|what|when)\b/i, /\b(best|worst|most|first|last|never|only|\p{L}{3,}est)\b/iu];
  return Math.min(1, 0.4 + 0.3 * hooks.filter((hook) => hook.test(headline)).length);
}
