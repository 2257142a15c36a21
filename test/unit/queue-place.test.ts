import { expect, test } from 'vitest';
import { toWaitS } from '#engine/pace';

const queue = { position: 3, recent: [2, 4], active: 2, paused: false };

test('those ahead share the slots that are at work, each for as long as entries took lately', () => {
  expect(toWaitS(queue)).toBe(6);
  expect(toWaitS({ ...queue, position: 0 })).toBe(1.5);
});

test.each([
  ['nothing has ended lately', { recent: [] }],
  ['nobody is at work', { active: 0 }],
  ['the queue is paused', { paused: true }],
])('when %s, nobody can know', (_, change) => {
  expect(toWaitS({ ...queue, ...change })).toBeNull();
});
