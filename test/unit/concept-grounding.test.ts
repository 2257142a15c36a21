import { describe, expect, test } from 'vitest';
import type { Concept } from '#contracts/concepts';
import { groundConcept } from '#director/ground-concept';
import { findNumbers } from '#director/numbers';

const read = (text: string) => findNumbers(text.split(' ')).map(({ value, unit }) => `${value}${unit}`);

describe('numbers as people say them', () => {
  test.each([
    ['forty-two percent of users', ['42%']],
    ['about 42 % of users', ['42%']],
    ['42 per cent.', ['42%']],
    ['three point one four', ['3.14']],
    ['three point five million dollars', ['3500000$']],
    ['$3.5m and €20', ['3500000$', '20€']],
    ['two hundred and five thousand people', ['205000']],
    ['a hundred and a million', ['100', '1000000']],
    ['nineteen hundred', ['1900']],
    ['1,250,000 dollars', ['1250000$']],
    ['one, two, three', ['1', '2', '3']],
    ['twenty thirty', ['20', '30']],
    ['from 2019 to 2023', ['2019', '2023']],
    ['20–30% more', ['20', '30%']],
    ['minus -4.5 degrees', ['-4.5']],
    ['3x faster, 10k views', ['3×', '10000']],
    ['4.35 million', ['4350000']],
    ['two hundred pounds', ['200']],
    ['no numbers here, a dog and point taken', []],
    ['hundred per cent', []],
  ])('%s', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });
});

const talk = 'Last year 42 percent of our users left and in 2023 only ten percent left. Cats sleep fifteen hours a day.';
const words = talk.split(' ').map((text, index) => ({ text, start_s: 10 + index * 0.4, end_s: 10.4 + index * 0.4, interpolated: false }));
const stat: Concept = {
  kind: 'stat',
  phrase: 'of our users left',
  start_s: 10.8,
  end_s: 13,
  labels: [],
  values: [42],
  unit: '%',
  words: [],
};

describe('only what was said is drawn', () => {
  test.each<[string, Partial<Concept>]>([
    ['a number with its sign', {}],
    ['a number written out', { values: [10], phrase: 'left in 2023' }],
    ['a spoken unit', { start_s: 16, end_s: 18, values: [15], unit: 'hours', phrase: 'cats sleep' }],
    ['two bars with said names', { kind: 'compare', values: [42, 10], labels: ['Last year', '2023'] }],
    ['a quote in its own words', { kind: 'quote', values: [], end_s: 15, phrase: 'Ten percent left! Cats sleep' }],
  ])('%s', (_what, change) => {
    expect(groundConcept({ ...stat, ...change }, words)).toEqual({ ...stat, ...change });
  });

  test.each<[string, Partial<Concept>]>([
    ['an invented number', { values: [43] }],
    ['a sum', { values: [52] }],
    ['a difference', { values: [32] }],
    ['a rounded number', { values: [40] }],
    ['another unit', { unit: '$' }],
    ['a number without the sign it was said with', { unit: '' }],
    ['a percentage of what was counted', { start_s: 16, end_s: 18, values: [15] }],
    ['a unit nobody said', { start_s: 16, end_s: 18, values: [15], unit: 'minutes', phrase: 'cats sleep' }],
    ['an invented number in the phrase', { phrase: '42 percent of 900 users left' }],
    ['an invented year in a label', { kind: 'compare', values: [42, 10], labels: ['users 2019', '2023'] }],
    ['a label of other words', { kind: 'compare', values: [42, 10], labels: ['Customers', '2023'] }],
    ['a label of stop words alone', { kind: 'compare', values: [42, 10], labels: ['of our', '2023'] }],
    ['more values than names', { kind: 'compare', values: [42, 10], labels: ['users'] }],
    ['a number said a minute away', { start_s: 70, end_s: 72 }],
    ['a number said four seconds before', { start_s: 17.5, end_s: 18.4 }],
    ['a range that runs backwards', { start_s: 13, end_s: 10.8 }],
    ['a quote with another word', { kind: 'quote', values: [], phrase: 'ten percent stayed' }],
    ['a quote from nobody', { kind: 'quote', values: [], phrase: 'ten percent left', labels: ['Ada Lovelace'] }],
  ])('not %s', (_what, change) => {
    expect(groundConcept({ ...stat, ...change }, words)).toBeNull();
  });

  test('a chart of one value becomes a stat', () => {
    const chart: Concept = { ...stat, kind: 'compare', labels: ['users'] };
    expect(groundConcept(chart, words)).toEqual({ ...chart, kind: 'stat' });
    expect(groundConcept({ ...chart, kind: 'trend', labels: [], values: [43] }, words)).toBeNull();
  });
});
