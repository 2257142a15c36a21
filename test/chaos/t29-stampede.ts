import type { Read, ReaderOptions } from '../helpers/cache-reader.ts';
import { startMember } from '../helpers/crew.ts';
import { startRedis } from '../helpers/redis.ts';
import { startToyProvider } from '../helpers/toy-provider.ts';
import { until } from '../helpers/until.ts';
import { all, atMost, type ChaosTest, type Finding, none, percentile } from './chaos.ts';

interface Counts {
  processes: number;
  requests: number;
  keys: number;
  /** How long one making takes. */
  callMs: number;
}

export const t29: ChaosTest<Counts> = {
  title: 'Stampede over processes for values that nobody has; a holder is killed',
  full: { processes: 4, requests: 2_000, keys: 20, callMs: 2_000 },
  run,
};

async function run(counts: Counts): Promise<Finding[]> {
  const calm = await stampede(counts, { kill: false });
  const { processes, requests, keys, callMs } = counts;
  const killed = await stampede(counts, { kill: true });
  return [
    all('values made once', keys, calm.perKey.filter((calls) => calls === 1).length),
    none('look-ups without an answer', requests, requests - calm.reads.length),
    atMost({ what: 'p99 of a look-up, in calls', count: requests, value: percentile(calm.reads, 0.99) / callMs, max: 2, unit: 'calls' }),
    atMost({ what: 'calls per value when a holder was killed', count: keys, value: Math.max(...killed.perKey), max: 2, unit: 'calls' }),
    all('values made again because their holder was killed', killed.lost, killed.perKey.filter((calls) => calls === 2).length),
    none('look-ups of the others without an answer', requests, Math.max(0, (requests / processes) * (processes - 1) - killed.reads.length)),
  ];
}

/** Everybody asks for everything at once. With `kill`, whoever made the first call dies while it is being answered. */
async function stampede({ processes, requests, keys, callMs }: Counts, { kill }: { kill: boolean }) {
  const redis = await startRedis();
  const reads: number[] = [];
  let ready = 0;
  let victim: string | null = null;
  const provider = await startToyProvider((path) => {
    const maker = path.split('/')[2] as string;
    if (kill && victim === null) {
      victim = maker;
      setTimeout(() => crew[Number(maker)]?.kill(), callMs / 2); // while it makes the value: its death in mid-call is the point
    }
    return { status: 200, afterMs: callMs };
  });
  const options = { redisUrl: redis.url, providerUrl: provider.url, keys, requests: requests / processes, hands: requests / processes };
  const crew = Array.from({ length: processes }, (_, index) =>
    startMember<Read>('cache-reader', { ...options, name: String(index) } satisfies ReaderOptions, (read) => {
      if ('ready' in read) ready++;
      else reads.push(read.ms);
    }),
  );
  try {
    await until(() => ready === processes, 60_000);
    for (const member of crew) member.send('go');
    await Promise.all(crew.map(({ gone }) => gone));
    const made = (key: number) => provider.calls.filter(({ path }) => path.startsWith(`/${key}/`));
    const perKey = Array.from({ length: keys }, (_, key) => made(key).length);
    const lost = perKey.filter((_, key) => made(key)[0]?.path.split('/')[2] === victim).length;
    return { perKey, reads, lost };
  } finally {
    for (const member of crew) member.kill();
    await provider.close();
    await redis.close();
  }
}
