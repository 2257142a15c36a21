import { afterAll, beforeAll, expect, it } from 'vitest';
import { jobRequestSchema } from '#contracts/request';
import { resolveSettings, type Settings } from '#contracts/settings';
import { estimateAsks } from '#director/estimate-asks';
import { createGemini } from '#director/gemini';
import { createGeminiDirector } from '#director/gemini-director';
import { chooseFrames } from '#director/look-frames';
import { listPrices, toUsd } from '#director/pricing';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import { type Lecture, makeLecture, toDirectorInput, toSound } from '../helpers/recording.ts';

const signal = new AbortController().signal;
const model = 'gemini-3.8-flash';
const lectures = new Map([1, 5, 15, 60].map((minutes) => [minutes, makeLecture(undefined, minutes * 60)]));
let fake: FakeGemini;

beforeAll(async () => {
  const longest = lectures.get(60)!; // the shorter ones are its beginning
  fake = await startFakeGemini({ words: longest.words.map(([text, start_s, end_s]) => ({ text, start_s, end_s })) });
});
afterAll(() => fake.close());

const settingsOf = (mode: Settings['mode']): Settings => ({
  ...resolveSettings(
    jobRequestSchema.parse({ input: { asset_id: 'ast_01J00000000000000000000000' }, mode, features: { clips: true } }),
    'talk',
  ),
  ai: { model, image_model: 'i' },
});

/** All that a job asks, through the vendor's SDK. */
async function direct(lecture: Lecture, mode: Settings['mode']): Promise<{ calls: number; usd: number; tokens: number }> {
  fake.reset();
  const gemini = createGemini({ apiKey: 'k', baseUrl: fake.url, model, imageModel: 'i' });
  const director = createGeminiDirector({ model, ask: async (question, given) => (await gemini.ask(question, given)).value });
  const input = toDirectorInput(lecture, { mode, thumbnails: { count: 3 }, clips: { count: 'auto', aspect: '9:16' } });
  const transcript = await director.transcribe(toSound(lecture), signal);
  expect(transcript.words.map(({ text }) => text)).toEqual(lecture.words.map(([text]) => text)); // chunks meet without loss
  const insights = mode === 'fast' ? undefined : await director.understand({ transcript, mode, clips: true }, signal);
  const plan = await director.direct({ ...input, transcript, insights }, signal);
  await director.describe({ plan, scenes: [], sourceName: 'talk' }, signal);
  const tokens = fake.calls.reduce((sum, { tokensIn, tokensOut }) => sum + tokensIn + tokensOut, 0);
  const usd = fake.calls.reduce((sum, { tokensIn, tokensOut, data }) => {
    const audioTokensIn = data['task'] === 'transcribe' ? tokensIn : 0;
    return sum + toUsd(listPrices[model]!, { tokensIn, tokensOut, images: 0, audioTokensIn });
  }, 0);
  return { calls: fake.calls.length, usd, tokens };
}

it.each([...lectures])(
  'of %i minutes: fast asks at most 40 % of high_quality, balanced 70 %, and the dry run knows it',
  async (minutes, lecture) => {
    const [fast, balanced, high] = [
      await direct(lecture, 'fast'),
      await direct(lecture, 'balanced'),
      await direct(lecture, 'high_quality'),
    ];
    expect(fast.calls / high.calls).toBeLessThanOrEqual(0.4);
    expect(balanced.calls / high.calls).toBeLessThanOrEqual(0.7);
    const footage = { durationS: lecture.durationS, hasSound: true };
    const estimates = (['fast', 'balanced', 'high_quality'] as const).map((mode) => estimateAsks(settingsOf(mode), footage));
    expect(estimates.map(({ calls }) => calls)).toEqual([fast.calls, balanced.calls, high.calls]);
    expect(balanced.usd).toBeLessThan((2 * Math.max(15, minutes)) / 15);
    expect(estimates[1]!.usd / balanced.usd).toBeGreaterThan(0.5);
    expect(estimates[1]!.usd / balanced.usd).toBeLessThan(2.5);
  },
);

it('of a silent film: fast asks nothing, balanced half of high_quality, and the dry run knows it', async () => {
  const film = { words: [], speech: [], durationS: 40 };
  const ask = async (mode: Settings['mode']) => {
    fake.reset();
    const gemini = createGemini({ apiKey: 'k', baseUrl: fake.url, model, imageModel: 'i' });
    const director = createGeminiDirector({ model, ask: async (question, given) => (await gemini.ask(question, given)).value });
    const input = toDirectorInput(film, { mode, silence: null, thumbnails: { count: 3 } });
    const read = async () => Buffer.from('jpeg');
    const frames = chooseFrames([], { frames: 1_000, durationS: 40 });
    const sights = mode === 'fast' ? undefined : await director.look({ transcript: input.transcript, durationS: 40, frames, read }, signal);
    const plan = await director.direct({ ...input, sights }, signal);
    await director.describe({ plan, scenes: [], sourceName: 'film', sights }, signal);
    return fake.calls.length;
  };
  const calls = [await ask('fast'), await ask('balanced'), await ask('high_quality')];
  expect(calls).toEqual([0, 1, 2]);
  const estimates = (['fast', 'balanced', 'high_quality'] as const).map((mode) =>
    estimateAsks(settingsOf(mode), { durationS: 40, hasSound: false }),
  );
  expect(estimates.map((estimate) => estimate.calls)).toEqual(calls);
  expect(estimates[1]!.usd).toBeGreaterThan(0.004); // eight pictures
  expect(estimates[1]!.usd).toBeLessThan(0.02);
});
