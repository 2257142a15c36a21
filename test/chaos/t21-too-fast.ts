import type { ProviderError } from '#contracts/ai';
import { createGuard } from '#runtime/resilience';
import { retryRules } from '#runtime/retry';
import { createTelemetry } from '#runtime/telemetry';
import { connect, workThrough } from '../helpers/crew-member.ts';
import { startRedis } from '../helpers/redis.ts';
import { askToyProvider, startToyProvider } from '../helpers/toy-provider.ts';
import { all, type ChaosTest, type Finding, none } from './chaos.ts';
import { createRandom } from './random.ts';

interface Counts {
  scripts: number;
}

export const t21: ChaosTest<Counts> = {
  title: 'Too fast, and refused for good: what is asked again, and when',
  full: { scripts: 60 },
  run,
};

/** A third of the scripts is refused for good, the others are sent away once or twice with a time. */
async function run({ scripts }: Counts, seed: number): Promise<Finding[]> {
  const server = await startRedis();
  const redis = await connect(server.url);
  const random = createRandom(seed);
  const telemetry = createTelemetry({ processMetrics: false });
  const plans = Array.from({ length: scripts }, (_, i) =>
    i % 3 === 0 ? null : Array.from({ length: random.integer(1, 2) }, () => random.integer(20, 400)),
  );
  const seen = plans.map(() => 0);
  const provider = await startToyProvider((path) => {
    const script = Number(path.slice(1));
    const call = (seen[script] as number)++;
    const plan = plans[script];
    if (!plan) return { status: 403 };
    const retryAfterMs = plan[call];
    return retryAfterMs === undefined ? { status: 200 } : { status: 429, retryAfterMs };
  });
  const outcomes = plans.map(() => '');
  try {
    await workThrough([...plans.keys()], 10, async (script) => {
      const guard = createGuard({
        name: `script-${script}`,
        redis,
        concurrency: 2,
        requestsPerMinute: 1_000,
        telemetry,
        retry: retryRules,
      });
      const { signal } = new AbortController();
      const ask = (call: AbortSignal) => askToyProvider(`${provider.url}/${script}`, call);
      outcomes[script] = await guard.run(ask, { signal }).catch((error: ProviderError) => error.fault?.kind ?? error.message);
      guard.close();
    });
    const callsOf = (script: number) => provider.calls.filter(({ path }) => path === `/${script}`);
    const waits = plans.flatMap((plan, script) =>
      (plan ?? []).map((told, i) => ({ told, waited: (callsOf(script)[i + 1]?.atMs ?? 0) - (callsOf(script)[i]?.atMs ?? 0) })),
    );
    const permanent = plans.flatMap((plan, script) => (plan ? [] : [script]));
    return [
      none('early retries', waits.length, waits.filter(({ told, waited }) => waited < told).length),
      none('refusals asked again', permanent.length, permanent.filter((script) => callsOf(script).length !== 1).length),
      all('refusals told as such', permanent.length, permanent.filter((script) => outcomes[script] === 'refused').length),
      all('answers after the wait', scripts - permanent.length, outcomes.filter((outcome) => outcome === 'answer').length),
    ];
  } finally {
    redis.disconnect();
    await provider.close();
    await server.close();
  }
}
