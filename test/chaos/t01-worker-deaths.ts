import { atMost, type ChaosTest, type Finding, percentile } from './chaos.ts';
import { checkJobs } from './check.ts';
import { killEncoders } from './encodes.ts';
import { createRandom, type Random } from './random.ts';
import { killWorkers, nodeWindows, toRecoveries } from './toy/deaths.ts';
import { startField } from './toy/field.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  jobs: number;
  workers: number;
  kills: number;
  overMs: number;
  lockS: number;
  /** Real jobs afterwards, and how many of their workers are killed. */
  encodes: number;
  encodeKills: number;
}

/** Jobs without media work, while workers die at random moments and in the middle of commits; then real ones, dying in encodes. */
export const t1: ChaosTest<Counts> = {
  title: 'workers killed at random points and in the commit window',
  full: { jobs: 800, workers: 4, kills: 60, overMs: 150_000, lockS: 10, encodes: 200, encodeKills: 20 },

  async run(counts, seed) {
    const random = createRandom(seed);
    const { encodes, encodeKills: kills, workers } = counts;
    const toys = await killToyWorkers(counts, random);
    return encodes === 0 ? toys : [...toys, ...(await killEncoders({ encodes, kills, workers, random }))];
  },
};

async function killToyWorkers({ jobs, workers, kills, overMs, lockS }: Counts, random: Random): Promise<Finding[]> {
  const field = await startField({ workers, env: { CUTROOM_LOCK_SECONDS: String(lockS) } });
  try {
    const posting = paced({ count: jobs, overMs }, () => field.post({ scenes: 2, ms: random.integer(20, 400) }));
    const deaths = await killWorkers(field, { kills, everyMs: overMs / kills, windows: nodeWindows, random });
    await posting;
    await field.allEnded(90_000);
    const seconds = toRecoveries(field.ledger(), deaths);
    const recovery = { count: seconds.length, unit: 's' };
    return [
      ...(await checkJobs(field)),
      { what: 'worker SIGKILLs', count: kills, target: `≥ ${kills}`, result: deaths.length, passed: deaths.length >= kills },
      atMost({ ...recovery, what: 'recovery p95', value: percentile(seconds, 0.95), max: 2 * lockS }),
      atMost({ ...recovery, what: 'recovery max', value: percentile(seconds, 1), max: 3.5 * lockS }),
    ];
  } finally {
    await field.close();
  }
}
