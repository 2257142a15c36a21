import { expect, it } from 'vitest';
import type { Producer } from '#runtime/queue-types';
import { findSilent } from '../../apps/worker/watchdog.ts';

const nowMs = 1_000_000;
const asleep = { pool: 'render' as const, worker: { running: () => [] as string[] }, slots: 2, startedMs: nowMs - 61_000 };
const queueWith = (waiting: number, paused = false) =>
  ({ counts: async () => ({ render: { waiting, paused } }) }) as unknown as Pick<Producer, 'counts'>;

it('a worker that has begun nothing for a minute, with room and work, is asleep', async () => {
  expect(await findSilent([asleep], queueWith(3), nowMs)).toEqual([asleep]);
});

it.each([
  ['has begun something lately', { startedMs: nowMs - 59_000 }, queueWith(3)],
  ['is full', { worker: { running: () => ['a', 'b'] } }, queueWith(3)],
  ['has an empty queue', {}, queueWith(0)],
  ['has a paused queue', {}, queueWith(3, true)],
])('one that %s is not', async (_, change, producer) => {
  expect(await findSilent([{ ...asleep, ...change }], producer, nowMs)).toEqual([]);
});
