import { expect, test } from 'vitest';
import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { createId, timeOfId } from '#contracts/ids';
import type { Part, Provider, Question } from '#director/provider';
import type { NodeAi } from '#engine/types';
import type { Budget, BudgetRequest } from '#runtime/budget';
import { createCache } from '#runtime/cache';
import { createAhead } from '#runtime/cache-ahead';
import { createTelemetry } from '#runtime/telemetry';
import { toAheadAccount } from '../../apps/worker/ahead-account.ts';
import { createAskModel } from '../../apps/worker/ask-model.ts';

const hourMs = 3_600_000;
const never = new AbortController().signal;
const emptyTally = (): NodeAi => ({ calls: 0, tokens_in: 0, tokens_out: 0, usd: 0, cache_hits: 0, degraded: null });
const toQuestion = (task: string, more: Part[] = []): Question<string> => ({
  prompt: 'test.1',
  system: 'answer',
  parts: [{ kind: 'text', text: task }, ...more],
  schema: z.string(),
  maxTokensOut: 10,
});

/** A model behind a cache that fetches ahead; `pays` says which reservations are granted. */
function createWorld(pays: (request: BudgetRequest) => boolean = () => true) {
  const clock = { nowMs: 0 };
  const now = () => clock.nowMs;
  const telemetry = createTelemetry({ processMetrics: false });
  const ahead = createAhead({ perMinute: 10, now });
  const cache = createCache({ remote: null, telemetry, maxBytes: 1e6, maxValueBytes: 1e4, ahead, now, random: () => 0.5 });
  const requests: BudgetRequest[] = [];
  const budget: Budget = {
    async reserve(request) {
      requests.push(request);
      if (!pays(request)) return { kind: 'exhausted', scope: 'tenant', resetsAt: null };
      return { kind: 'granted', settle: async () => undefined, cancel: async () => undefined };
    },
  };
  const provider = {
    models: { text: 'model', image: 'model' },
    ask: async () => ({ value: 'answer', usage: { tokensIn: 100, tokensOut: 10, images: 0 } }),
  } as unknown as Provider;
  const guard = { run: <T>(call: (signal: AbortSignal) => Promise<T>) => call(never) };
  const prices = { model: { textIn: 1, audioIn: 1, out: 1 } };
  const parts = { provider, guards: { text: guard, image: guard }, budget, cache, prices, telemetry, aheadDayUsd: 0.25 };
  const model = createAskModel(parts);
  return {
    requests,
    /** A job asks both questions, an hour and a half after the job before it. */
    async runJob(number: number, more?: Part[]): Promise<NodeAi> {
      clock.nowMs = number * 1.5 * hourMs;
      const tally = emptyTally();
      const ask = model.ask({ tenant: 'a', job: createId('job', clock.nowMs), jobBudgetUsd: 2, tally });
      await ask(toQuestion('first', more), never);
      await ahead.look();
      await ask(toQuestion('second', more), never);
      return tally;
    },
  };
}

const isGuess = ({ share }: BudgetRequest) => share !== undefined;

test('a guess is paid by an account of its own, out of half of the day’s money, and is in no job’s figures', async () => {
  const { runJob, requests } = createWorld();
  for (const number of [0, 1]) expect(await runJob(number)).toMatchObject({ calls: 2, cache_hits: 0 });
  expect(await runJob(2)).toMatchObject({ calls: 1, cache_hits: 1 });
  const { job } = toAheadAccount('a', 0.25);
  expect(requests.filter(isGuess)).toMatchObject([{ tenant: 'a', job, jobBudgetUsd: 0.25, share: 0.5 }]);
  expect(requests).toHaveLength(6);
});

test('a guess for which there is no money costs nothing and nobody notices', async () => {
  const { runJob, requests } = createWorld((request) => !isGuess(request));
  for (const number of [0, 1, 2]) expect(await runJob(number)).toMatchObject({ calls: 2, cache_hits: 0, degraded: null });
  expect(requests.filter(isGuess)).toHaveLength(1);
});

test('a job without money is told so, whatever guesses may spend', async () => {
  const { runJob } = createWorld(isGuess);
  await expect(runJob(0)).rejects.toBeInstanceOf(CutroomError);
});

test('questions with sound are not kept for later', async () => {
  const { runJob, requests } = createWorld();
  const sound: Part = { kind: 'audio', bytes: new Uint8Array(8), contentType: 'audio/mpeg', seconds: 1 };
  for (const number of [0, 1, 2]) await runJob(number, [sound]);
  expect(requests.filter(isGuess)).toEqual([]);
});

test('the account for guesses is the same all day, one for each tenant, and made at the day’s beginning', () => {
  const dayMs = Date.parse('2026-11-20T00:00:00.000Z');
  const at = (tenant: string, hour: number) => toAheadAccount(tenant, 1, dayMs + hour * hourMs).job;
  expect(timeOfId(at('a', 23))).toBe(dayMs);
  expect(at('a', 0)).toBe(at('a', 23.9));
  expect(new Set([at('a', 1), at('b', 1), at('a', 25)]).size).toBe(3);
});
