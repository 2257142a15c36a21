import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { circuitRules } from '#runtime/circuit';
import { retryRules } from '#runtime/retry';
import type { CallerAnswer, CallerOptions, CallerOrder } from '../helpers/ai-caller.ts';
import { startMember } from '../helpers/crew.ts';
import { type FakeGemini, startFakeGemini } from '../helpers/fake-gemini.ts';
import type { Behaviour } from '../helpers/fake-gemini-behaviour.ts';
import { startRedis } from '../helpers/redis.ts';
import { until } from '../helpers/until.ts';
import { all, atMost, type ChaosTest, type Finding, none } from './chaos.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  /** Those that wait for the model. */
  jobs: number;
  /** More of them, spread over the outage, that take the rules when the model is away. */
  fallbacks: number;
  processes: number;
  /** Calls at once of one process. */
  concurrency: number;
  outageMs: number;
  /** How long the circuit stays open: one outage for each. */
  opensMs: readonly number[];
  retryMs: number;
  /** One try: a call that hangs fails after so long. */
  totalMs: number;
}

/** A circuit that stays open for the whole outage sends no probe into it; one of a quarter does. */
export const t20: ChaosTest<Counts> = {
  title: 'Outage of a provider: 503, hangs and resets, through the vendor’s SDK',
  full: {
    jobs: 200,
    fallbacks: 60,
    processes: 4,
    concurrency: 2,
    outageMs: 60_000,
    opensMs: [circuitRules.openMs, circuitRules.openMs / 4],
    retryMs: retryRules.minMs,
    totalMs: 120_000,
  },
  run: async (counts) => {
    const findings: Finding[] = [];
    for (const openMs of counts.opensMs) findings.push(...(await outage(counts, openMs)));
    return findings;
  },
};

const outageFrom = 10;
const callMs = 100;
const faults: Behaviour[] = [{ kind: 'status', status: 503 }, { kind: 'hang' }, { kind: 'reset' }];

async function outage(counts: Counts, openMs: number): Promise<Finding[]> {
  const { jobs, fallbacks, processes, outageMs } = counts;
  const redis = await startRedis();
  const storageRoot = await mkdtemp(join(tmpdir(), 'cutroom-outage-'));
  const fake = await startFakeGemini();
  const answers: CallerAnswer[] = [];
  const crew = Array.from({ length: processes }, (_, index) =>
    startMember<CallerAnswer | { ready: true }>('ai-caller', toOptions({ counts, openMs, redis, storageRoot, fake, index }), (message) => {
      if ('by' in message) answers.push(message);
    }),
  );
  let startMs = Number.POSITIVE_INFINITY;
  const isDown = (atMs: number) => atMs >= startMs && atMs < startMs + outageMs;
  fake.become((_, number) => {
    if (number === outageFrom) startMs = performance.now();
    return isDown(performance.now()) ? (faults[number % faults.length] as Behaviour) : { kind: 'answer', delayMs: callMs };
  });
  const order = (index: number, wish: CallerOrder['wish']) => crew[index % processes]!.send({ wish } satisfies CallerOrder);
  try {
    await until(() => crew.every(({ messages }) => messages.length > 0), 60_000);
    for (let index = 0; index < jobs; index++) order(index, 'wait');
    await until(() => startMs < Number.POSITIVE_INFINITY, 60_000);
    await paced({ count: fallbacks, overMs: outageMs }, async (index) => order(index, 'fallback'));
    await until(() => answers.length === jobs + fallbacks, outageMs + 120_000).catch(() => false);
    return judge({ counts, openMs, fake, answers, startMs, endMs: performance.now() });
  } finally {
    for (const member of crew) member.kill();
    await fake.close();
    await redis.close();
    await rm(storageRoot, { recursive: true, force: true });
    await rm(`${storageRoot}-copies`, { recursive: true, force: true });
  }
}

interface Setting {
  counts: Counts;
  openMs: number;
  redis: { url: string };
  storageRoot: string;
  fake: FakeGemini;
  index: number;
}

function toOptions({ counts, openMs, redis, storageRoot, fake, index }: Setting): CallerOptions {
  const { concurrency, retryMs, totalMs } = counts;
  return {
    redisUrl: redis.url,
    storageRoot,
    geminiUrl: fake.url,
    name: `caller-${index}`,
    guard: {
      concurrency,
      requestsPerMinute: 10_000,
      totalMs,
      circuit: { ...circuitRules, openMs },
      retry: { ...retryRules, minMs: retryMs, maxMs: 2.5 * retryMs },
    },
  };
}

interface Books {
  counts: Counts;
  openMs: number;
  fake: FakeGemini;
  answers: readonly CallerAnswer[];
  startMs: number;
  endMs: number;
}

function judge({ counts, openMs, fake, answers, startMs, endMs }: Books): Finding[] {
  const { jobs, fallbacks, processes, concurrency, outageMs } = counts;
  const failed = fake.calls.map(({ atMs }) => atMs).filter((atMs) => atMs >= startMs && atMs < startMs + outageMs);
  const opened = openingOf(failed, openMs);
  const probes = failed.filter((atMs) => atMs > opened);
  const bulkhead = processes * concurrency;
  const byModel = answers.filter(({ by }) => by !== 'rules');
  const replaced = answers.filter(({ by }) => by === 'rules');
  const needed = byModel.length;
  // In small counts what is in flight when it opens outweighs the tenth.
  const allowed = Math.max(1.1 * (needed + probes.length), needed + probes.length + circuitRules.failures + 2 * bulkhead);
  const at = `, open for ${openMs / 1_000} s`;
  return [
    all(`jobs that waited and were answered by the model${at}`, jobs, byModel.filter(({ wish }) => wish === 'wait').length),
    all(`jobs that took what they got${at}`, fallbacks, answers.filter(({ wish }) => wish === 'fallback').length),
    none(`results of the rules that are not marked degraded${at}`, replaced.length, replaced.filter(({ degraded }) => !degraded).length),
    none(`answers of the model marked degraded${at}`, needed, byModel.filter(({ degraded }) => degraded).length),
    atMost({ what: `calls${at}`, count: needed, value: fake.calls.length, max: Math.floor(allowed), unit: 'calls' }),
    atMost({ what: `calls at once${at}`, count: fake.calls.length, value: fake.mostOpen, max: bulkhead, unit: 'calls' }),
    atMost({ what: `open after${at}`, count: failed.length, value: (opened - startMs) / 1_000, max: 5, unit: 's' }),
    none(
      `probes beside another probe${at}`,
      probes.length,
      probes.filter((atMs, i) => i > 0 && atMs - (probes[i - 1] as number) < 0.9 * openMs).length,
    ),
    atMost({ what: `done after the recovery${at}`, count: jobs, value: (endMs - startMs - outageMs) / 1_000, max: 60, unit: 's' }),
  ];
}

/** The last call before the first silence that is as long as an open circuit. */
function openingOf(failed: readonly number[], openMs: number): number {
  const last = failed.findIndex((atMs, i) => (failed[i + 1] ?? Number.POSITIVE_INFINITY) - atMs > 0.8 * openMs);
  return failed[last] ?? Number.POSITIVE_INFINITY;
}
