import { describe, expect, it } from 'vitest';
import type { Research } from '#contracts/research';
import { countWorks } from '#director/corpus-source';
import { findKeyPhrases } from '#director/keywords';
import { buildMetadata } from '#director/metadata';
import { fitTitle, rankPhrases, toShape } from '#director/research';
import { lectureSentences } from '../helpers/recording.ts';

const words = lectureSentences
  .join(' ')
  .split(' ')
  .map((text, index) => ({ text, start_s: index, end_s: index + 0.9 }));
const frames = words.length * 25;
const input = {
  plan: {
    source: { sha256: '', duration_s: frames / 25, frames, fps: '25/1', width: 1, height: 1 },
    keep: [{ start_frame: 0, end_frame: frames }],
    cuts: [],
    captions: { burn: false, formats: [], words },
  },
  scenes: [],
  sourceName: 'talk',
};
const phrases = findKeyPhrases(
  words.map(({ text }) => text),
  15,
);
const known = (change: Partial<Research>): Research => ({
  by: 'corpus',
  keywords: [],
  competitors: { titles: [], shape: null },
  ...change,
});
const titleOf = (research: Research) => buildMetadata({ ...input, research }).title;

describe('what people look for', () => {
  it('comes first among what is said, and changes nothing where nobody knows anything', () => {
    const wanted = phrases.at(-1)!.text;
    const ranked = rankPhrases(phrases, [{ text: wanted, score: 1 }]).map(({ text }) => text);
    expect(ranked.indexOf(wanted)).toBeLessThan(phrases.length - 1);
    expect(rankPhrases(phrases, [])).toEqual(phrases);
    expect(
      rankPhrases(
        phrases,
        phrases.map(({ text }) => ({ text, score: 0.5 })),
      ),
    ).toEqual(phrases);
    expect(buildMetadata({ ...input, research: known({}) })).toEqual(buildMetadata(input));
  });

  it('becomes a tag where it touches what was said and adds no number; a keyword is said to the last word', () => {
    const texts = ['suspension bridge design', 'unrelated llamas', '7 bridge facts', '165 kilometre bridge', 'bridges'];
    const { tags, keywords } = buildMetadata({ ...input, research: known({ keywords: texts.map((text) => ({ text, score: 1 })) }) });
    expect(tags.filter((tag) => texts.slice(0, -1).includes(tag))).toEqual(['suspension bridge design']);
    expect(keywords.toSorted()).toEqual(phrases.map(({ text }) => text).toSorted());
  });
});

describe('what is there already', () => {
  it('is told by length, questions and numbers', () => {
    expect(toShape(['How cables hold', 'Why bridges fall?', '12 stones', 'Old iron bridges of the north'])).toEqual({
      words: 3,
      questions: 0.5,
      numbers: 0.25,
    });
    expect(toShape([])).toBeNull();
  });

  it('lends a title its form, never its words', () => {
    const shape = { words: 4, questions: 1, numbers: 0 };
    expect(fitTitle('Why do bridges fall?', { titles: [], shape })).toBeGreaterThan(fitTitle('Bridges fall', { titles: [], shape }));
    const title = buildMetadata(input).title;
    expect(titleOf(known({ competitors: { titles: [`${title.toUpperCase()}!`], shape: null } }))).not.toBe(title);
  });
});

it('of a corpus only what several works say is counted, up to a limit', () => {
  const works = [new Set(['a', 'b', '__proto__']), new Set(['a', 'b', '__proto__']), new Set(['a', 'c'])];
  expect(countWorks(works, 10)).toEqual({
    works: 3,
    counts: Object.fromEntries([
      ['a', 3],
      ['b', 2],
      ['__proto__', 2],
    ]),
  });
  expect(Object.keys(countWorks(works, 1).counts)).toEqual(['a']);
});
