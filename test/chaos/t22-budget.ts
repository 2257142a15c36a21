import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createId } from '#contracts/ids';
import { toCounted } from '#runtime/ledger';
import { createFileStorage } from '#storage/file';
import { type Member, startMember } from '../helpers/crew.ts';
import { connect } from '../helpers/crew-member.ts';
import { startRedis } from '../helpers/redis.ts';
import type { SpenderOptions, Spent } from '../helpers/spender.ts';
import { startToyProvider } from '../helpers/toy-provider.ts';
import { atMost, type ChaosTest, type Finding, none } from './chaos.ts';

interface Counts {
  jobs: number;
  processes: number;
  kills: number;
  flushes: number;
}

const capUsd = 1;
const callUsd = 0.03;

/**
 * A cap of $1.00, $0.03 a call, more jobs than it pays for. Processes are killed while a call of theirs is at the provider,
 * whose own books are what counts; Redis is wiped in between.
 */
export const t22: ChaosTest<Counts> = {
  title: 'Budget of $1.00 at $0.03 a call; spenders killed, Redis wiped',
  full: { jobs: 200, processes: 4, kills: 10, flushes: 1 },
  run,
};

async function run({ jobs, processes, kills, flushes }: Counts): Promise<Finding[]> {
  const redis = await startRedis();
  const storageRoot = await mkdtemp(join(tmpdir(), 'cutroom-budget-'));
  const admin = await connect(redis.url);
  const faults = spreadOver(Math.floor(capUsd / callUsd), { kills, flushes });
  const left = new Set(Array.from({ length: jobs }, () => createId('job')));
  const outcomes = { paid: 0, exhausted: 0 };
  const crew = new Map<string, Member<Spent>>();
  let killed = 0;
  const provider = await startToyProvider((path, number) => {
    if (faults.kills.has(number)) {
      killed++;
      crew.get(path.slice(1))?.kill();
    }
    if (faults.flushes.has(number)) void admin.flushall();
    return { status: 200, afterMs: 20 };
  });

  async function work(seat: number): Promise<void> {
    for (let life = 0; left.size > 0; life++) {
      const name = `${seat}-${life}`;
      const mine = [...left].filter((_, index) => index % processes === seat % Math.min(processes, left.size));
      const options = { redisUrl: redis.url, storageRoot, providerUrl: provider.url, name, jobs: mine, tenantDayUsd: capUsd, callUsd };
      const member = startMember<Spent>('spender', options satisfies SpenderOptions, ({ job, outcome }) => {
        if (left.delete(job)) outcomes[outcome]++;
      });
      crew.set(name, member);
      await member.gone;
    }
  }

  try {
    await Promise.all(Array.from({ length: processes }, (_, seat) => work(seat)));
    const calls = provider.calls.length;
    const paidFor = Math.floor(capUsd / callUsd);
    // A killed process may have booked calls that it never made: they stay spent.
    const booked = toCounted(await (await createFileStorage(storageRoot)).list('ai-ledger/', { limit: 1_000 })).length;
    return [
      atMost({ what: 'calls at the provider', count: jobs, value: calls, max: paidFor, unit: 'calls' }),
      atMost({ what: 'overspend', count: calls, value: Math.max(0, calls * callUsd - capUsd), max: 0, unit: 'USD' }),
      none('kills that did not hit a call', kills, kills - killed),
      none('calls that the cap pays for and that nobody booked', paidFor, Math.max(0, paidFor - booked)),
      none('jobs that neither paid nor heard that the money is spent', jobs, jobs - outcomes.paid - outcomes.exhausted),
    ];
  } finally {
    for (const member of crew.values()) member.kill();
    await provider.close();
    admin.disconnect();
    await redis.close();
    await rm(storageRoot, { recursive: true, force: true });
  }
}

/** Which of the first `calls` calls bring a fault: spread evenly, never two at once. */
function spreadOver(calls: number, { kills, flushes }: { kills: number; flushes: number }) {
  const step = Math.floor(calls / (kills + flushes + 1));
  const marks = Array.from({ length: kills + flushes }, (_, index) => (index + 1) * step);
  const flushAt = new Set(
    marks.filter((_, index) => flushes > 0 && index % Math.ceil(marks.length / flushes) === Math.floor(marks.length / flushes / 2)),
  );
  return { flushes: flushAt, kills: new Set(marks.filter((mark) => !flushAt.has(mark))) };
}
