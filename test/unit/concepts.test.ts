import { describe, expect, test } from 'vitest';
import type { Transcript } from '#contracts/artifacts';
import type { Concept } from '#contracts/concepts';
import { checkPlan } from '#director/check-plan';
import { findConcepts } from '#director/concepts/find-concepts';
import { toDrawing } from '#director/concepts/to-drawing';
import { type OverlayContext, planOverlays } from '#director/plan-overlays';
import { rules } from '#director/rules';
import { directorInput } from '../helpers/director-input.ts';

const wordS = 0.4;

/** Evenly spoken from `startS` on. */
const say = (text: string, startS = 10): Transcript['words'] =>
  text
    .split(' ')
    .map((word, index) => ({ text: word, start_s: startS + index * wordS, end_s: startS + (index + 1) * wordS, interpolated: false }));

const found = (text: string) =>
  findConcepts(say(text)).map(({ kind, phrase, labels, values, unit }) => ({ kind, phrase, labels, values, unit }));

describe('what is said becomes a concept', () => {
  test.each([
    [
      'a share of something',
      'Last year 42 percent of our new users never came back.',
      { kind: 'stat', phrase: 'of our new users never came back', labels: [], values: [42], unit: '%' },
    ],
    [
      'a number at the end',
      'That way our revenue grew by 3.5 million dollars.',
      { kind: 'stat', phrase: 'That way our revenue grew', labels: [], values: [3_500_000], unit: '$' },
    ],
    [
      'two things counted in one unit',
      'Cats sleep fifteen hours a day, while dogs sleep twelve.',
      { kind: 'compare', labels: ['Cats', 'Dogs'], values: [15, 12], unit: 'hours' },
    ],
    [
      'names behind the numbers',
      'It takes 30 minutes by car and 12 minutes by train.',
      { kind: 'compare', labels: ['Car', 'Train'], values: [30, 12], unit: 'minutes' },
    ],
    [
      'a course of things with its years',
      'Revenue grew from 1.2 million dollars in 2019 to 4.1 million dollars in 2023.',
      { kind: 'trend', phrase: 'Revenue grew', labels: ['2019', '2023'], values: [1_200_000, 4_100_000], unit: '$' },
    ],
    [
      'a course without years',
      'Churn fell from 12 to 4 percent.',
      { kind: 'trend', phrase: 'Churn fell', labels: [], values: [12, 4], unit: '%' },
    ],
    [
      'points in order',
      'There are three habits that matter. First, write it down. Second, um, start before lunch. Third, go for a walk.',
      { kind: 'list', phrase: 'Three habits that matter', labels: ['Write it down', 'Start before lunch', 'Go for a walk'] },
    ],
    ['points behind a colon', 'You need two things: patience and practice.', { kind: 'list', labels: ['Patience', 'Practice'] }],
    [
      'what a term means',
      'Compound interest is the interest you earn on interest.',
      { kind: 'definition', labels: ['Compound interest', 'The interest you earn on interest'] },
    ],
    [
      'somebody’s words',
      'As Marie Curie said, "Nothing in life is to be feared, it is only to be understood."',
      { kind: 'quote', phrase: 'Nothing in life is to be feared, it is only to be understood.', labels: ['Marie Curie'] },
    ],
    [
      'two things set against each other',
      'We look at correlation versus causation.',
      { kind: 'compare', labels: ['Correlation', 'Causation'], values: [] },
    ],
    ['the matter', 'Today we talk about how rivers shape the land.', { kind: 'title', phrase: 'How rivers shape the land' }],
    ['who speaks', 'Hello, my name is Anna Berg.', { kind: 'title', phrase: 'Anna Berg' }],
  ])('%s', (_what, text, expected) => {
    expect(found(text)).toEqual([expect.objectContaining(expected)]);
  });

  test.each([
    'I was born in 1984 and I like it.',
    'One of them had two dogs and a hundred ideas.',
    'This is a very long day and it is the best one.',
    'The problem is a lack of good old time.',
    'First I thought you were right.',
    'He said "yes".',
    '',
  ])('nothing is made of “%s”', (text) => {
    expect(found(text)).toEqual([]);
  });
});

const context: OverlayContext = { keep: [{ start_frame: 0, end_frame: 2_500 }], scenes: [], fps: '25/1', choice: { theme: 'paper' } };
const stat = (start_s: number, more: Partial<Concept> = {}): Concept => ({
  kind: 'stat',
  phrase: 'of users left',
  start_s,
  end_s: start_s + 2,
  labels: [],
  values: [42],
  unit: '%',
  words: ['42', 'percent'],
  ...more,
});
const ranges = (concepts: Concept[], change: Partial<OverlayContext> = {}) =>
  planOverlays(concepts, { ...context, ...change }).map(({ start_frame, end_frame }) => [start_frame, end_frame]);

describe('where it is shown', () => {
  test('from 0.2 s before its first word, for as long as it takes to say and to read', () => {
    expect(ranges([stat(10)])).toEqual([[245, 308]]);
    expect(ranges([stat(10, { end_s: 60 })])).toEqual([[245, 370]]);
  });

  test('once in 12 s, and then what says more', () => {
    const trend = stat(16, { kind: 'trend', values: [1, 2], phrase: 'growth' });
    expect(planOverlays([stat(10), trend, stat(28)], context).map(({ kind, start_frame }) => [kind, start_frame])).toEqual([
      ['chart', 395],
      ['card', 695],
    ]);
  });

  test('not in the first 3 s of the output; a name waits for them, a number does not', () => {
    const name = stat(1, { kind: 'title', phrase: 'Anna Berg', values: [], unit: '' });
    expect(ranges([stat(1)])).toEqual([]);
    expect(ranges([name])).toEqual([[75, 138]]);
    expect(ranges([stat(10)], { keep: [{ start_frame: 200, end_frame: 2_500 }] })).toEqual([]);
  });

  test('not across a cut or a change of scene', () => {
    const keep = [
      { start_frame: 0, end_frame: 290 },
      { start_frame: 300, end_frame: 2_500 },
    ];
    expect(ranges([stat(10)], { keep })).toEqual([]);
    expect(ranges([stat(12.1)], { keep })).toEqual([[300, 363]]);
    expect(ranges([stat(10)], { scenes: [250] })).toEqual([[250, 313]]);
    expect(ranges([stat(10)], { scenes: [280] })).toEqual([]);
  });

  test('nothing when its words have no letter that can be drawn', () => {
    expect(toDrawing(stat(10, { phrase: '深圳' }), { theme: 'paper' })).toBeNull();
  });
});

test('the rules plan illustrates when it is asked to, and its plan can be rendered', () => {
  const words = say('Last year 42 percent of our new users never came back.', 5).map(
    ({ text, start_s, end_s }) => [text, start_s, end_s] as const,
  );
  const take = { words, speech: [[4.9, 9.5]] as const, frames: 300 };
  const plan = rules(directorInput({ ...take, settings: { silence: null, broll: { theme: 'signal' } } }));
  expect(plan.overlays).toEqual([
    {
      kind: 'card',
      start_frame: 140,
      end_frame: 240,
      spec: { layout: 'stat', value: 42, unit: '%', text: 'of our new users never came back', theme: 'signal' },
      source_text: '42 percent of our new users never came back.',
    },
  ]);
  expect(checkPlan(plan)).toEqual([]);
  expect(rules(directorInput({ ...take, settings: { silence: null } })).overlays).toEqual([]);
});

describe('a plan with overlays that cannot be', () => {
  const plan = rules(directorInput({ speech: [[0, 10]] }));
  const [title] = planOverlays([stat(4, { kind: 'title', phrase: 'Rivers', values: [] })], { ...context, keep: plan.keep });
  test.each([
    ['of unknown layout', [{ ...title!, kind: 'card', spec: { layout: 'pie' } }], '/overlays/0/spec/layout'],
    [
      'with a number too large',
      [{ ...title!, kind: 'card', spec: { layout: 'stat', value: 1e30, unit: '', text: 'a' } }],
      '/overlays/0/spec/value',
    ],
    [
      'with more values than names',
      [{ ...title!, kind: 'chart', spec: { form: 'bars', title: '', labels: ['a'], values: [1, 2], unit: '' } }],
      '/overlays/0/spec/labels',
    ],
    ['with a word of the owner’s own', [{ ...title!, spec: { ...title!.spec, colour: 'red' } }], '/overlays/0/spec'],
    ['beyond the footage', [{ ...title!, end_frame: 400 }], '/overlays/0/end_frame'],
    ['shorter than a second', [{ ...title!, end_frame: title!.start_frame + 10 }], '/overlays/0'],
    ['over each other', [title!, title!], '/overlays/1/start_frame'],
  ])('is refused with a pointer: %s', (_what, overlays, pointer) => {
    expect(checkPlan({ ...plan, overlays: overlays as typeof plan.overlays }).map((problem) => problem.pointer)).toEqual([pointer]);
  });
});
