import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createCache } from '#runtime/cache';
import { createAhead } from '#runtime/cache-ahead';
import { createHabits } from '#runtime/predict';
import { createTelemetry } from '#runtime/telemetry';
import { makeTrace, replay } from '../bench/cache-trace.ts';

const never = new AbortController().signal;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Looks at one key after the other in one thread, all of values that live for an hour. */
function lookedAt(...timesMs: number[]) {
  const habits = createHabits();
  const look = (key: string, thread: string, atMs: number) =>
    habits.note({ key, thread, atMs, freshUntilMs: atMs + hourMs, ttlMs: hourMs });
  for (const atMs of timesMs) for (const key of ['first', 'second']) look(key, `job ${atMs}`, atMs);
  return { habits, look };
}

describe('habits', () => {
  test('what came after it twice is next, when it is not fresh any more', () => {
    const { habits } = lookedAt(0, 1_000);
    expect(habits.next('first', 2 * hourMs)).toEqual(['second']);
    expect(habits.next('first', minuteMs)).toEqual([]);
    expect(habits.next('second', 2 * hourMs)).toEqual([]);
  });

  test('what came after it once is chance, and so is what followed in fewer than half of the cases', () => {
    expect(lookedAt(0).habits.next('first', 2 * hourMs)).toEqual([]);
    const { habits, look } = lookedAt(0, 1_000);
    for (const thread of ['a', 'b', 'c']) look('first', thread, 2_000);
    expect(habits.next('first', 2 * hourMs)).toEqual([]);
  });

  test('a value is about to end in its last minute, if it is still asked for all the time', () => {
    const endingOf = (looks: number[], minute: number) => {
      const habits = createHabits();
      for (const at of looks) habits.note({ key: 'hot', thread: `${at}`, atMs: at * minuteMs, freshUntilMs: hourMs, ttlMs: hourMs });
      return habits.ending(minute * minuteMs);
    };
    expect(endingOf([20, 30, 40, 50], 59.5)).toEqual(['hot']);
    expect(endingOf([20, 30, 40, 50], 58)).toEqual([]);
    expect(endingOf([20, 30, 40, 50], 60)).toEqual([]);
    expect(endingOf([0, 1, 2, 3], 59.5)).toEqual([]);
    expect(endingOf([0, 50], 59.5)).toEqual([]);
  });

  test('remember the latest keys only', () => {
    const habits = createHabits({ maxKeys: 3, leadMs: minuteMs, minExpected: 0, minShare: 0.5 });
    for (const key of ['a', 'b', 'c', 'd'])
      for (const atMs of [0, 1, 2]) habits.note({ key, thread: key, atMs, freshUntilMs: minuteMs, ttlMs: hourMs });
    expect(habits.ending(3)).toEqual(['b', 'c', 'd']);
  });
});

describe('a cache that fetches ahead', () => {
  /** Jobs that ask for `first` and then `second`, an hour and a half apart: neither is ever fresh any more. */
  const world = (options: { perMinute?: number; compute?: () => Promise<string> } = {}) => {
    const clock = { nowMs: 0 };
    const now = () => clock.nowMs;
    const ahead = createAhead({ perMinute: options.perMinute ?? 10, now });
    const telemetry = createTelemetry({ processMetrics: false });
    const cache = createCache({ remote: null, telemetry, maxBytes: 1e6, maxValueBytes: 1e3, ahead, now, random: () => 0.5 });
    const shelf = cache.namespace({ name: 'responses', version: 1, schema: z.string() });
    let guessed = 0;
    const guess = () => {
      guessed++;
      return options.compute?.() ?? Promise.resolve('guessed');
    };
    const ask = (input: string, thread: string, { mayGuess = true, after = Promise.resolve() } = {}) =>
      shelf.get({ tenant: 'a', model: 'm', parameters: null, input }, () => after.then(() => 'asked'), {
        signal: never,
        ahead: mayGuess ? { thread, compute: guess } : undefined,
      });
    const runJob = async (number: number) => {
      clock.nowMs = number * 1.5 * hourMs;
      const first = await ask('first', `job ${number}`);
      await ahead.look();
      return [first, await ask('second', `job ${number}`)].map(({ value, from }) => `${value} ${from}`);
    };
    return { clock, ahead, ask, runJob, guessed: () => guessed, stats: () => cache.stats()['responses'] };
  };

  test('has the next value when it is asked for, and says that it was wanted', async () => {
    const { runJob, stats } = world();
    for (const number of [0, 1]) expect(await runJob(number)).toEqual(['asked computed', 'asked computed']);
    expect(await runJob(2)).toEqual(['asked computed', 'guessed memory']);
    expect(stats()).toMatchObject({ hits: 1, misses: 5, fetched_ahead: 1, used_ahead: 1 });
  });

  test('makes no more than its minute allows', async () => {
    const { runJob, guessed } = world({ perMinute: 0 });
    for (const number of [0, 1, 2]) expect(await runJob(number)).toEqual(['asked computed', 'asked computed']);
    expect(guessed()).toBe(0);
  });

  test('makes nothing that is being asked for already, or that somebody has asked for meanwhile', async () => {
    const { runJob, clock, ahead, ask, guessed } = world();
    for (const number of [0, 1]) await runJob(number);
    clock.nowMs = 3 * hourMs;
    let answer = () => {};
    const after = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const second = ask('second', 'job 2', { after });
    await ask('first', 'job 2');
    await ahead.look();
    answer();
    await second;
    clock.nowMs = 5 * hourMs;
    await ask('second', 'job 3', { mayGuess: false });
    await ask('first', 'job 3');
    await ahead.look();
    expect(guessed()).toBe(0);
  });

  test('renews what is hot in its last minute, and counts it as wanted only when the old value had ended', async () => {
    const { clock, ahead, ask, guessed, stats } = world();
    for (const minute of [0, 20, 30, 40, 50]) {
      clock.nowMs = minute * minuteMs;
      await ask('hot', `job ${minute}`);
    }
    clock.nowMs = 59.5 * minuteMs;
    await ahead.look();
    await ask('hot', 'job 59');
    expect(stats()).toMatchObject({ misses: 1, fetched_ahead: 1, used_ahead: 0 });
    clock.nowMs = 61 * minuteMs;
    expect(await ask('hot', 'job 61')).toEqual({ value: 'guessed', from: 'memory' });
    expect(stats()).toMatchObject({ misses: 1, fetched_ahead: 1, used_ahead: 1 });
    expect(guessed()).toBe(1);
  });

  test('keeps to itself that a guess could not be paid', async () => {
    const { runJob, guessed, stats } = world({ compute: () => Promise.reject(new Error('the budget is spent')) });
    for (const number of [0, 1, 2]) expect(await runJob(number)).toEqual(['asked computed', 'asked computed']);
    expect(guessed()).toBe(1);
    expect(stats()).toMatchObject({ fetched_ahead: 0, used_ahead: 0 });
  });
});

test('a replayed trace is the same every time, and fetching ahead answers more of it for little more', async () => {
  const trace = makeTrace({ seed: 7, jobs: 60, spanMs: 12 * hourMs });
  expect(trace).toEqual(makeTrace({ seed: 7, jobs: 60, spanMs: 12 * hourMs }));
  const plain = await replay(trace, null);
  const ahead = await replay(trace, (now) => createAhead({ perMinute: 10, now }));
  expect(await replay(trace, (now) => createAhead({ perMinute: 10, now }))).toEqual(ahead);
  expect(plain).toMatchObject({ looks: trace.length, fetchedAhead: 0 });
  expect(plain.calls).toBe(plain.looks - plain.hits);
  expect(ahead.hits).toBeGreaterThan(plain.hits);
  expect(ahead.hits - plain.hits).toBeLessThanOrEqual(ahead.usedAhead);
  expect(ahead.calls - plain.calls).toBeLessThanOrEqual(ahead.fetchedAhead - (ahead.hits - plain.hits));
});
