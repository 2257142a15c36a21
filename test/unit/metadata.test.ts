import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EditPlan } from '#contracts/plan';
import { findKeyPhrases } from '#director/keywords';
import { buildMetadata, cleanName, type MetadataInput } from '#director/metadata';

const talk = `Welcome to this talk about volcanoes. A volcano is an opening in the crust of the earth. Magma rises through the crust and becomes lava.
The most famous volcano is Mount Vesuvius near Naples. It buried the city of Pompeii. Pompeii was buried under four metres of ash.
Now let us look at earthquakes. Earthquakes happen when tectonic plates slip past each other. The energy of an earthquake travels as seismic waves.
Seismic waves are measured with a seismograph. The Richter scale tells how strong an earthquake is. Each step on the Richter scale means thirty times more energy.
Finally we talk about tsunamis. A tsunami is a series of ocean waves. Tsunamis are caused by earthquakes under the ocean floor. Out in the deep ocean a tsunami is barely visible.`;

const say = (text: string): EditPlan['captions']['words'] => {
  let now = 0;
  return text.split(/\s+/).map((word) => {
    const start_s = now;
    now += /[.?!]$/.test(word) ? 0.9 : 0.35;
    return { text: word, start_s, end_s: start_s + 0.32 };
  });
};

function inputOf(words: EditPlan['captions']['words'], overrides: Partial<MetadataInput> & { frames?: number } = {}): MetadataInput {
  const frames = overrides.frames ?? Math.ceil((words.at(-1)?.end_s ?? 60) * 25);
  return {
    plan: {
      source: { sha256: '', duration_s: frames / 25, frames, fps: '25/1', width: 1, height: 1 },
      keep: [{ start_frame: 0, end_frame: frames }],
      cuts: [],
      captions: { burn: false, formats: [], words },
    },
    scenes: [],
    sourceName: 'my_holiday.mp4',
    ...overrides,
  };
}

const stemOf = (word: string) => word.slice(0, 5);

describe('metadata from words', () => {
  const made = buildMetadata(inputOf(say(talk)));

  it('takes a sentence that was said as the title', () => {
    expect(made).toMatchObject({ by: 'rules', title: 'Tsunamis are caused by earthquakes under the ocean floor' });
    expect(talk).toContain(made.title);
  });

  it('describes with sentences that were said, in their order', () => {
    const sentences = made.description.split(/(?<=\.) /);
    const places = sentences.map((sentence) => talk.replaceAll('\n', ' ').indexOf(sentence));
    expect(sentences).toHaveLength(3);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(places).not.toContain(-1);
  });

  it('names what is talked about, once each', () => {
    expect(made.keywords.slice(0, 5)).toEqual(expect.arrayContaining(['earthquakes', 'tsunamis']));
    expect(findKeyPhrases(['Waves', 'of', 'the', 'wave', 'and', 'waves'], 5).map((phrase) => phrase.text)).toEqual(['waves']);
  });

  it('takes no measure for a topic, however often it is said', () => {
    const words = 'Ten minutes of rain, twenty minutes of snow and five minutes of hail.'.split(' ');
    expect(findKeyPhrases(words, 5).map((phrase) => phrase.text)).toEqual(['rain', 'snow', 'hail']);
  });

  it('keeps to the limits, grounded in the words, for any text', () => {
    const word = fc.oneof(fc.constantFrom(...talk.split(/\s+/)), fc.string({ minLength: 1, maxLength: 120 }));
    fc.assert(
      fc.property(fc.array(word, { maxLength: 120 }), (texts) => {
        const words = texts.map((text, index) => ({ text, start_s: index, end_s: index + 0.9 }));
        const { title, description, tags, keywords, chapters } = buildMetadata(inputOf(words));
        expect(title.length).toBeLessThanOrEqual(70);
        expect(description.length).toBeLessThanOrEqual(1_000);
        expect(tags.join(',').length).toBeLessThanOrEqual(500);
        const said = texts
          .join(' ')
          .toLowerCase()
          .replace(/[^\p{L}\p{N}']/gu, '')
          .replace(/(\p{L})\1{2,}/gu, '$1$1');
        for (const tag of [...tags, ...keywords]) for (const part of tag.split(' ')) expect(said).toContain(stemOf(part));
        expect(new Set(tags).size).toBe(tags.length);
        expect(chapters.length === 0 || chapters.length >= 3).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

describe('metadata without words', () => {
  it('takes the title from the name of the file', () => {
    expect(buildMetadata(inputOf([]))).toMatchObject({ title: 'My holiday', description: '', tags: [], keywords: [], chapters: [] });
  });

  it.each([
    ['2024-03-01_My.great-talk (final).mp4', 'My great talk'],
    ['../../etc/passwd', 'Passwd'],
    ['C:\\clips\\interview.mov', 'Interview'],
    ['видео 日本語 🎬.mp4', 'Видео 日本語 🎬'],
    ['\u202E4pm.exe.mp4', '4pm exe'],
    ['.mp4', 'Untitled'],
    [`${'long '.repeat(40)}.mp4`, `${'long '.repeat(13).trim().replace('l', 'L')}…`],
  ])('makes %j into %j', (name, title) => {
    expect(cleanName(name)).toBe(title);
  });
});

describe('chapters', () => {
  const minute = inputOf([], { frames: 1_500, scenes: [250, 400, 500, 800, 1_490] });

  it('follow scenes: the first at 0, at least ten seconds each, to the end', () => {
    expect(buildMetadata(minute).chapters).toEqual([
      { start_s: 0, title: 'Part 1' },
      { start_s: 10, title: 'Part 2' },
      { start_s: 20, title: 'Part 3' },
      { start_s: 32, title: 'Part 4' },
    ]);
  });

  it('are in output time, and one inside a cut moves to the next kept frame', () => {
    const plan: MetadataInput['plan'] = {
      ...minute.plan,
      keep: [
        { start_frame: 0, end_frame: 260 },
        { start_frame: 300, end_frame: 1_500 },
      ],
      cuts: [{ start_frame: 260, end_frame: 300, reason: 'filler', confidence: 1 }],
    };
    const starts = buildMetadata({ ...minute, plan, scenes: [280, 560, 900] }).chapters.map((chapter) => chapter.start_s);
    expect(starts).toEqual([0, 10.4, 20.8, 34.4]);
  });

  it('are none when there are fewer than three', () => {
    expect(buildMetadata({ ...minute, scenes: [700] }).chapters).toEqual([]);
    expect(buildMetadata({ ...minute, scenes: [] }).chapters).toEqual([]);
  });

  it('begin where the topic changes, with a title that was said there', () => {
    const { chapters } = buildMetadata(inputOf(say(talk)));
    const words = say(talk);
    expect(chapters.length).toBeGreaterThanOrEqual(3);
    for (const [index, { start_s, title }] of chapters.entries()) {
      const said = words
        .filter((word) => word.start_s >= start_s - 0.001 && word.start_s < (chapters[index + 1]?.start_s ?? 1e9))
        .map((word) => word.text.toLowerCase());
      for (const part of title.toLowerCase().split(' ')) expect(said.some((word) => word.startsWith(stemOf(part)))).toBe(true);
      expect(/[.?!]$/.test(words.findLast((word) => word.end_s <= start_s)?.text ?? '.')).toBe(true);
    }
  });
});
