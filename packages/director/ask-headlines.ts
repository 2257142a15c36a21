import { z } from 'zod';
import type { Sights, Transcript } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { type Ask, toData, toSystem } from './ask.ts';
import { withHeadline } from './plan-thumbnails.ts';
import { isGrounded, toSaid } from './said.ts';
import { toLines } from './script.ts';

const prompt = 'thumbnails.2';
const system = toSystem(
  'You write the headlines of thumbnails. For each picture you are given what is said around it, or shown. headlines: one for each ' +
    'picture, in the same order, two to five of those words that make a viewer look, empty when nothing fits.',
);
const schema = z.object({ headlines: z.array(z.string()) });
const maxTokensOut = 500;
const nearS = 10;
const most = { characters: 30, words: 5 };

/** Headlines for the plan's thumbnails out of what is said around them, or to be seen where nobody speaks; one question for all, the rules' where nothing fits. */
export async function askHeadlines(
  { thumbnails, source }: Pick<EditPlan, 'thumbnails' | 'source'>,
  known: { words: Transcript['words']; seen: Sights['seen'] },
  { ask, signal }: { ask: Ask; signal: AbortSignal },
): Promise<EditPlan['thumbnails']> {
  if (thumbnails.length === 0 || (known.words.length === 0 && known.seen.length === 0)) return thumbnails;
  const around = known.words.length > 0 ? hearAround(thumbnails, known.words, toFps(source.fps)) : seeAround(thumbnails, known.seen);
  const parts = [toData({ task: 'thumbnails', pictures: around })];
  const { headlines } = await ask({ prompt, system, parts, schema, maxTokensOut }, signal);
  return thumbnails.map((thumbnail, index) => {
    const headline = (headlines[index] ?? '').trim();
    const fits = headline.length <= most.characters && headline.split(/\s+/).length <= most.words;
    if (!fits || !isGrounded(headline, toSaid(around[index]!.join(' ').split(' ')))) return thumbnail;
    return withHeadline(thumbnail, headline);
  });
}

/** What is said within ten seconds of each. */
function hearAround(thumbnails: EditPlan['thumbnails'], words: Transcript['words'], fps: number): string[][] {
  const lines = toLines(words);
  return thumbnails.map(({ frame }) => {
    const atS = frame / fps;
    return lines.filter(({ start_s, end_s }) => end_s > atS - nearS && start_s < atS + nearS).map(({ text }) => text);
  });
}

/** What the three nearest frames show that somebody looked at. */
const seeAround = (thumbnails: EditPlan['thumbnails'], seen: Sights['seen']): string[][] =>
  thumbnails.map((thumbnail) =>
    seen
      .toSorted((one, other) => Math.abs(one.frame - thumbnail.frame) - Math.abs(other.frame - thumbnail.frame))
      .slice(0, 3)
      .map(({ text }) => text),
  );
