import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { waitForRedis } from '#runtime/redis';
import { atMost, type ChaosTest } from './chaos.ts';
import { checkJobs } from './check.ts';
import { createRandom } from './random.ts';
import { type Field, startField } from './toy/field.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  jobs: number;
  workers: number;
  kills: number;
  cuts: number;
  flushes: number;
  overMs: number;
}

type Fault = 'kill' | 'cut' | 'flush';
const cutBytes = 65_536;

/** Redis is killed, loses the end of its append file, and is emptied, while thousands of jobs come in. */
export const t2: ChaosTest<Counts> = {
  title: 'Redis killed, its append file cut by 64 KB, emptied, while jobs come in and run',
  full: { jobs: 10_000, workers: 3, kills: 10, cuts: 3, flushes: 1, overMs: 120_000 },

  async run({ jobs, workers, kills, cuts, flushes, overMs }, seed) {
    const random = createRandom(seed);
    const slots = { CUTROOM_PREPARE_CONCURRENCY: '20', CUTROOM_RENDER_CONCURRENCY: '1', CUTROOM_DELIVER_CONCURRENCY: '1' };
    const field = await startField({ workers, env: slots });
    try {
      const posting = paced({ count: jobs, overMs }, () => field.post({ scenes: 0, ms: random.integer(0, 200) }));
      const faults = shuffle([...fill('kill', kills), ...fill('cut', cuts), ...fill('flush', flushes)], random.integer);
      for (const fault of faults) {
        await delay(random.integer(0, (1.6 * overMs) / faults.length)); // any moment
        await strike(field, fault, random.integer(100, 800));
      }
      await posting;
      const startMs = Date.now();
      const budgetMs = 60_000 + jobs * 12; // what is left to do takes its time besides
      const ended = await field.allEnded(budgetMs);
      return [
        ...(await checkJobs(field)),
        atMost({
          what: 'all ended after the last fault and the last job',
          count: jobs,
          value: ended ? (Date.now() - startMs) / 1000 : Number.POSITIVE_INFINITY,
          max: 60,
          unit: 's',
        }),
      ];
    } finally {
      await field.close();
    }
  },
};

const fill = (fault: Fault, count: number): Fault[] => Array.from({ length: count }, () => fault);

async function strike({ redis, client }: Field, fault: Fault, awayMs: number): Promise<void> {
  if (fault === 'flush') return void (await client.flushall());
  await redis.kill('SIGKILL');
  if (fault === 'cut') cutTail(join(redis.dir, 'appendonlydir'));
  await delay(awayMs); // so long it is away
  await redis.restart();
  await waitForRedis(client, AbortSignal.timeout(20_000));
}

/** What a power cut may take: the end of the file that is being written. The server starts on what is left. */
function cutTail(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith('.incr.aof'));
  const last = join(folder, files.sort((a, b) => sequenceOf(a) - sequenceOf(b)).at(-1) ?? '');
  truncateSync(last, Math.max(0, statSync(last).size - cutBytes));
}

const sequenceOf = (name: string): number => Number(/\.(\d+)\.incr\.aof$/.exec(name)?.[1] ?? 0);

/** Fisher–Yates. */
function shuffle<T>(items: T[], integer: (min: number, max: number) => number): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = integer(0, last);
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}
