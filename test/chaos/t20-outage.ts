import { circuitRules } from '#runtime/circuit';
import { retryRules } from '#runtime/retry';
import { startMember } from '../helpers/crew.ts';
import type { CallerOptions } from '../helpers/guarded-caller.ts';
import { startRedis } from '../helpers/redis.ts';
import { startToyProvider, type ToyAnswer } from '../helpers/toy-provider.ts';
import { all, atMost, type ChaosTest, type Finding, none } from './chaos.ts';

interface Counts {
  jobs: number;
  processes: number;
  /** Calls at once of one process. */
  concurrency: number;
  outageMs: number;
  openMs: number;
  retryMs: number;
  /** One try: a call that hangs fails after so long. */
  totalMs: number;
}

export const t20: ChaosTest<Counts> = {
  title: 'Outage of a provider: 503, hangs and resets',
  full: {
    jobs: 200,
    processes: 4,
    concurrency: 2,
    outageMs: 60_000,
    openMs: circuitRules.openMs,
    retryMs: retryRules.minMs,
    totalMs: 120_000,
  },
  run,
};

const outageFrom = 10;
const callMs = 100;
const faults: ToyAnswer[] = [{ status: 503 }, { status: 'hang' }, { status: 'reset' }];

async function run(counts: Counts): Promise<Finding[]> {
  const { jobs, processes, concurrency, outageMs, openMs, retryMs, totalMs } = counts;
  const redis = await startRedis();
  let outageMsFrom = Number.POSITIVE_INFINITY;
  const isDown = (atMs: number) => atMs >= outageMsFrom && atMs < outageMsFrom + outageMs;
  const provider = await startToyProvider((_, number) => {
    const nowMs = performance.now();
    if (number === outageFrom) outageMsFrom = nowMs;
    return isDown(nowMs) ? (faults[number % faults.length] as ToyAnswer) : { status: 200, afterMs: callMs };
  });
  let answered = 0;
  const options: CallerOptions = {
    redisUrl: redis.url,
    providerUrl: provider.url,
    jobs: jobs / processes,
    concurrency,
    totalMs,
    circuit: { ...circuitRules, openMs },
    retry: { ...retryRules, minMs: retryMs, maxMs: 2.5 * retryMs },
  };
  const crew = Array.from({ length: processes }, () => startMember('guarded-caller', options, () => answered++));
  try {
    await Promise.all(crew.map(({ gone }) => gone));
    const endMs = performance.now();
    const failed = provider.calls.filter(({ atMs }) => isDown(atMs)).map(({ atMs }) => atMs);
    const opened = openingOf(failed, openMs);
    const probes = failed.filter((atMs) => atMs > opened);
    const bulkhead = processes * concurrency;
    // What is in flight when it opens comes on top, and what was answered late from before the outage breaks the row once.
    const allowed = Math.max(0.1 * (jobs + probes.length), circuitRules.failures + 2 * bulkhead);
    return [
      all('jobs that were answered in the end', jobs, answered),
      atMost({
        what: 'calls beyond needed ones and probes',
        count: jobs,
        value: failed.length - probes.length,
        max: allowed,
        unit: 'calls',
      }),
      atMost({ what: 'calls at once', count: provider.calls.length, value: provider.mostAtOnce(), max: bulkhead, unit: 'calls' }),
      atMost({ what: 'open after', count: failed.length, value: (opened - outageMsFrom) / 1_000, max: 5, unit: 's' }),
      none(
        'probes beside another probe',
        probes.length,
        probes.filter((atMs, i) => i > 0 && atMs - (probes[i - 1] as number) < 0.9 * openMs).length,
      ),
      atMost({ what: 'done after the recovery', count: jobs, value: (endMs - outageMsFrom - outageMs) / 1_000, max: 60, unit: 's' }),
    ];
  } finally {
    for (const member of crew) member.kill();
    await provider.close();
    await redis.close();
  }
}

/** The last call before the first silence that is as long as an open circuit. */
function openingOf(failed: readonly number[], openMs: number): number {
  const last = failed.findIndex((atMs, i) => (failed[i + 1] ?? Number.POSITIVE_INFINITY) - atMs > 0.8 * openMs);
  return failed[last] ?? Number.POSITIVE_INFINITY;
}
