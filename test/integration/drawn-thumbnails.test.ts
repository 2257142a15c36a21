import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readPicture } from '#director/picture-bytes';
import type { Drawing, Picture } from '#director/provider';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import type { StageInput, StageTools } from '../../apps/worker/stage.ts';
import { runThumbnails } from '../../apps/worker/stages/thumbnails.ts';
import { directorInput } from '../helpers/director-input.ts';
import { makePng } from '../helpers/fake-gemini-answers.ts';
import { makeTalk } from '../helpers/footage.ts';

let media: MediaTools;
let scratch: string;
const asked: Drawing[] = [];
/** Which of the last outputs say that a model drew them. */
const labels: (boolean | undefined)[] = [];

beforeAll(async () => {
  media = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  scratch = mkdtempSync(join(tmpdir(), 'cutroom-drawn-'));
  makeTalk(join(scratch, 'talk.mp4'), { seconds: 1, size: '1280x720', rate: '25' });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The stage over one calm and one striking picture, with a model that draws `pictures`. */
async function run(pictures: Picture[] | null, settings: StageInput<'thumbnails'>['settings']): Promise<Buffer[]> {
  asked.length = 0;
  const { source } = directorInput({ frames: 25 });
  const thumbnails = [0.4, 0.9].map((impact, index) => ({ frame: 5 + 10 * index, headline: 'Bridges', impact, layout: 'full' as const }));
  const tools: Partial<StageTools> = {
    media,
    scratch,
    signal: new AbortController().signal,
    open: async () => join(scratch, 'talk.mp4'),
    store: async (path, content_type) => ({ key: path, bytes: 1, sha256: '', content_type }),
    draw: async (drawing) => {
      asked.push(drawing);
      return pictures;
    },
  };
  const { outputs } = await runThumbnails(
    { source, plan: { thumbnails }, settings } as unknown as StageInput<'thumbnails'>,
    tools as StageTools,
  );
  labels.splice(0, labels.length, ...outputs.map(({ media: about }) => about?.drawn));
  return outputs.map(({ blob }) => readFileSync(blob.key));
}

const theme = { theme: 'midnight' } as const;
const ai = { model: 'm', image_model: 'i' };
const picture = () => readPicture(makePng(1_344, 768), '16:9')!;

it('draws the striking one alone, in one question, at the size of the others; without an answer the frame stays', async () => {
  const [calm, frame] = await run(null, { mode: 'balanced', ai, theme });
  expect(asked.map(({ count, aspect, parts }) => [count, aspect, parts.length])).toEqual([[1, '16:9', 2]]);
  const [again, drawn] = await run([picture()], { mode: 'balanced', ai, theme });
  expect(labels).toEqual([undefined, true]);
  expect(again!.equals(calm!)).toBe(true);
  expect(drawn!.equals(frame!)).toBe(false);
  expect(readPicture(drawn!, '16:9')).toMatchObject({ contentType: 'image/jpeg', width: 1_280, height: 720 });
});

it.each([
  ['in fast mode', { mode: 'fast', ai, theme }],
  ['without a model', { mode: 'balanced', ai: null, theme }],
] as const)('asks nothing %s', async (_, settings) => {
  await run([picture()], settings);
  expect(asked).toEqual([]);
});
