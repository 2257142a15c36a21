import type { Drawing, ThemeChoice } from '#contracts/overlays';

/** One drawing of each layout, as people say such things. */
export const drawings = (choice: ThemeChoice): Record<string, Drawing> => ({
  bars: {
    kind: 'chart',
    spec: {
      form: 'bars',
      title: 'Hours of sleep a day',
      labels: ['Cats', 'Dogs', 'Horses'],
      values: [15, 12, 3],
      unit: 'hours',
      ...choice,
    },
  },
  trend: {
    kind: 'chart',
    spec: {
      form: 'trend',
      title: 'Revenue grew',
      labels: ['2019', '2021', '2023'],
      values: [1_200_000, 2_500_000, 4_100_000],
      unit: '$',
      ...choice,
    },
  },
  share: { kind: 'card', spec: { layout: 'stat', value: 42, unit: '%', text: 'of new users never come back', ...choice } },
  number: { kind: 'card', spec: { layout: 'stat', value: 3_500_000, unit: '$', text: 'saved in the first year', ...choice } },
  list: {
    kind: 'card',
    spec: { layout: 'list', title: 'Three habits', items: ['Write it down', 'Do the hard thing before lunch', 'Go for a walk'], ...choice },
  },
  definition: {
    kind: 'card',
    spec: {
      layout: 'definition',
      term: 'Compound interest',
      meaning: 'interest that is paid on the interest you have earned before',
      ...choice,
    },
  },
  versus: { kind: 'card', spec: { layout: 'versus', left: 'Correlation', right: 'Causation', ...choice } },
  quote: {
    kind: 'quote',
    spec: { text: 'Nothing in life is to be feared, it is only to be understood.', by: 'Marie Curie', ...choice },
  },
  title: { kind: 'title', spec: { text: 'How rivers shape the land', detail: 'Anna Berg, geologist', ...choice } },
});
