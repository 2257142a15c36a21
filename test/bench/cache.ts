import { createAhead } from '#runtime/cache-ahead';
import { makeTrace, type Replayed, replay, type TraceOptions } from './cache-trace.ts';
import type { BenchResult } from './judge.ts';

const hourMs = 3_600_000;
const jobs = 1_000;
const perMinute = 10;
/** Judged is a day; beside it the same jobs in less and in more time, and a day of jobs that ask about all windows at once. */
const others = {
  'in 4 hours': { spanMs: 4 * hourMs },
  'in 7 days': { spanMs: 168 * hourMs },
  'in a day, windows all at once': { spanMs: 24 * hourMs, stepMs: 0 },
};

/** 1,000 jobs through the cache in memory, with and without fetching ahead. Nothing of it is timed: the same figures everywhere. */
export async function benchCache(): Promise<BenchResult> {
  const day = await compare({ spanMs: 24 * hourMs });
  const facts: Record<string, string> = { '1,000 jobs in a day': toText(day) };
  for (const [label, options] of Object.entries(others)) facts[`1,000 jobs ${label}`] = toText(await compare(options));
  return {
    figures: {
      hit_rate_plain: { value: rateOf(day.plain), atLeast: 0.5, unit: 'of all looks' },
      hit_rate_ahead: { value: rateOf(day.ahead), atLeast: 0.65, unit: 'of all looks' },
      extra_calls: { value: extraOf(day), atMost: 0.1, unit: 'of the calls without it' },
    },
    facts,
  };
}

interface Compared {
  plain: Replayed;
  ahead: Replayed;
}

async function compare(options: Pick<TraceOptions, 'spanMs' | 'stepMs'>): Promise<Compared> {
  const trace = makeTrace({ seed: 1, jobs, ...options });
  return { plain: await replay(trace, null), ahead: await replay(trace, (now) => createAhead({ perMinute, now })) };
}

const rateOf = ({ hits, looks }: Replayed) => hits / looks;
const extraOf = ({ plain, ahead }: Compared) => ahead.calls / plain.calls - 1;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

const toText = ({ plain, ahead }: Compared) =>
  `${percent(rateOf(plain))} hits without, ${percent(rateOf(ahead))} with; ${plain.calls} calls, ${ahead.calls} with; ` +
  `${ahead.usedAhead} of ${ahead.fetchedAhead} fetched ahead were wanted`;
