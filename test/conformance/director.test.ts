import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPlan } from '#director/check-plan';
import type { Director } from '#director/director';
import { normalize } from '#director/fillers';
import { createGemini } from '#director/gemini';
import { createGeminiDirector } from '#director/gemini-director';
import { rulesDirector } from '#director/rules-director';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import { makeLecture, toDirectorInput, toSound } from '../helpers/recording.ts';

const lecture = makeLecture();
const signal = new AbortController().signal;
const modes = ['fast', 'balanced', 'high_quality'] as const;
let fake: FakeGemini;

beforeAll(async () => {
  fake = await startFakeGemini({ words: lecture.words.map(([text, start_s, end_s]) => ({ text, start_s, end_s })) });
});
afterAll(() => fake.close());

/** Every director there is; a new one is added here. */
const directors: Record<string, () => Director> = {
  rules: () => rulesDirector,
  gemini: () => {
    const gemini = createGemini({ apiKey: 'k', baseUrl: fake.url, model: 'gemini-3.8-flash', imageModel: 'i' });
    return createGeminiDirector({ model: gemini.models.text, ask: async (question, given) => (await gemini.ask(question, given)).value });
  },
};

describe.each(Object.keys(directors))('the director %s', (name) => {
  const director = () => directors[name]!();
  const said = lecture.words.map(([text]) => normalize(text)).join(' ');

  it('writes down words that are sorted, disjoint and inside the recording, or none', async () => {
    const { words } = await director().transcribe(toSound(lecture), signal);
    for (const [index, word] of words.entries()) {
      expect(word.end_s).toBeGreaterThan(word.start_s);
      expect(word.start_s).toBeGreaterThanOrEqual(words[index - 1]?.end_s ?? 0);
      expect(word.end_s).toBeLessThanOrEqual(lecture.durationS);
    }
    if (name !== 'rules') expect(words.map(({ text }) => text)).toEqual(lecture.words.map(([text]) => text));
  });

  it('writes nothing down where nobody speaks', async () => {
    const silence = toSound({ words: [], speech: [], durationS: 10 });
    expect(await director().transcribe(silence, signal)).toMatchObject({ origin: 'none', words: [] });
  });

  it.each(modes)('finds only what was said (%s)', async (mode) => {
    const { transcript } = toDirectorInput(lecture);
    const insights = await director().understand({ transcript, mode, clips: true }, signal);
    const spans = [...insights.fillers, ...insights.peaks];
    for (const { first, last } of spans) expect([first <= last, last < transcript.words.length]).toEqual([true, true]);
    for (const phrase of insights.key_phrases) expect(said).toContain(phrase.toLowerCase());
    expect(insights.key_phrases.length).toBeGreaterThan(0);
    if (name !== 'rules') expect(insights.concepts.flatMap(({ values }) => values)).toContain(164);
  });

  it.each(modes)('plans an edit that can be rendered and says whose it is (%s)', async (mode) => {
    const input = toDirectorInput(lecture, { mode, broll: { theme: 'midnight' } });
    const insights = await director().understand({ transcript: input.transcript, mode, clips: true }, signal);
    const plan = await director().direct({ ...input, insights }, signal);
    expect(checkPlan(plan)).toEqual([]);
    expect(plan.by).toBe(director().by);
    expect(plan.cuts.map(({ text }) => text)).toContain('um');
  });

  it.each(modes)(
    'cuts clips of whole sentences, 15 to 60 seconds long, scored within the rubric and named by what is said (%s)',
    async (mode) => {
      const talk = makeLecture(undefined, 120);
      const input = toDirectorInput(talk, { mode, clips: { count: 3, aspect: '9:16' } });
      const insights =
        mode === 'fast' ? undefined : await director().understand({ transcript: input.transcript, mode, clips: true }, signal);
      const { clips, source } = await director().direct({ ...input, insights }, signal);
      expect(clips.length).toBeGreaterThanOrEqual(2);
      for (const { start_frame, end_frame, title, score } of clips) {
        const seconds = (end_frame - start_frame) / 25;
        expect(seconds).toBeGreaterThanOrEqual(15); // of source: what is cut inside makes it longer, never shorter
        expect(end_frame).toBeLessThanOrEqual(source.frames);
        for (const points of Object.values(score)) expect([points >= 0, points <= 25]).toEqual([true, true]);
        if (!title.startsWith('Clip ')) for (const word of title.split(' ')) expect(said).toContain(normalize(word));
      }
    },
  );

  it('refuses to leave nothing of the footage', async () => {
    const empty = toDirectorInput({ words: [['um', 0.1, 0.9]], speech: [[0.1, 0.9]], durationS: 1 }, { silence: null });
    await expect(director().direct(empty, signal)).rejects.toMatchObject({ code: 'SOURCE_EMPTY_EDIT' });
  });

  it('names the video within the limits of those who show it', async () => {
    const plan = await rulesDirector.direct(toDirectorInput(lecture), signal);
    const metadata = await director().describe({ plan, scenes: [], sourceName: 'talk.mp4' }, signal);
    expect(metadata.by).toBe(director().by);
    expect(metadata.title.length).toBeGreaterThan(0);
    expect(metadata.title.length).toBeLessThanOrEqual(70);
    expect(metadata.description.length).toBeLessThanOrEqual(1_000);
    expect(metadata.tags.join(',').length).toBeLessThanOrEqual(500);
    expect(new Set(metadata.tags).size).toBe(metadata.tags.length);
    for (const word of metadata.tags.flatMap((tag) => tag.split(' '))) expect(said).toContain(word.slice(0, 4));
  });

  it('looks at pictures only where little is said, and says no more than pictures can tell', async () => {
    const { transcript } = toDirectorInput(lecture);
    const shown: number[] = [];
    const read = async (frame: number) => Buffer.from(`frame ${shown.push(frame)}`);
    const frames = [5, 50, 120];
    const talk = await director().look({ transcript, durationS: lecture.durationS, frames, read }, signal);
    expect([talk.title, talk.seen, shown]).toEqual(['', [], []]);
    const silent = await director().look({ transcript: { words: [] }, durationS: 10, frames, read }, signal);
    expect(silent.by).toBe(director().by);
    expect(shown).toEqual(name === 'rules' ? [] : frames);
    expect(silent.seen.map(({ frame }) => frame)).toEqual(name === 'rules' ? [] : frames);
  });

  it.each(modes)('gives a silent video a title and headlines of what was seen, if anybody saw it (%s)', async (mode) => {
    const input = toDirectorInput({ words: [], speech: [], durationS: 10 }, { mode, silence: null, thumbnails: { count: 2 } });
    const sights = await director().look(
      { transcript: input.transcript, durationS: 10, frames: [50, 200], read: async () => Buffer.from('') },
      signal,
    );
    const plan = await director().direct({ ...input, sights }, signal);
    const { title } = await director().describe({ plan, scenes: [], sourceName: 'my_film.mp4', sights }, signal);
    expect(title).toBe(name === 'rules' ? 'My film' : 'Colours that come and go');
    const seen = sights.seen.map(({ text }) => text);
    for (const { headline } of plan.thumbnails) expect(name === 'rules' ? [''] : seen).toContain(headline);
  });

  it('names a video without words by its file', async () => {
    const plan = await rulesDirector.direct(toDirectorInput({ words: [], speech: [[1, 9]], durationS: 10 }), signal);
    expect((await director().describe({ plan, scenes: [], sourceName: 'my_talk.mp4' }, signal)).title).toBe('My talk');
  });
});
