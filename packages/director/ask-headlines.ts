import { z } from 'zod';
import type { Transcript } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { type Ask, toData, toSystem } from './ask.ts';
import { withHeadline } from './plan-thumbnails.ts';
import { isGrounded, toSaid } from './said.ts';
import { toLines } from './script.ts';

const prompt = 'thumbnails.1';
const system = toSystem(
  'You write the headlines of thumbnails. For each picture you are given what is said around it. headlines: one for each ' +
    'picture, in the same order, two to five words of the speaker that make a viewer look, empty when nothing fits.',
);
const schema = z.object({ headlines: z.array(z.string()) });
const maxTokensOut = 500;
const nearS = 10;
const most = { characters: 30, words: 5 };

/** Headlines for the plan's thumbnails out of what is said around them; one question for all, the rules' where nothing fits. */
export async function askHeadlines(
  { thumbnails, source }: Pick<EditPlan, 'thumbnails' | 'source'>,
  { words }: Pick<Transcript, 'words'>,
  { ask, signal }: { ask: Ask; signal: AbortSignal },
): Promise<EditPlan['thumbnails']> {
  if (thumbnails.length === 0 || words.length === 0) return thumbnails;
  const lines = toLines(words);
  const around = thumbnails.map(({ frame }) => {
    const atS = frame / toFps(source.fps);
    return lines.filter(({ start_s, end_s }) => end_s > atS - nearS && start_s < atS + nearS).map(({ text }) => text);
  });
  const parts = [toData({ task: 'thumbnails', pictures: around })];
  const { headlines } = await ask({ prompt, system, parts, schema, maxTokensOut }, signal);
  return thumbnails.map((thumbnail, index) => {
    const headline = (headlines[index] ?? '').trim();
    const fits = headline.length <= most.characters && headline.split(/\s+/).length <= most.words;
    if (!fits || !isGrounded(headline, toSaid(around[index]!.join(' ').split(' ')))) return thumbnail;
    return withHeadline(thumbnail, headline);
  });
}
