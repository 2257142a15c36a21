import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../helpers/until.ts';
import { all, atMost, type ChaosTest, type Finding, none, percentile } from './chaos.ts';
import { checkJobs, outcomeOf } from './check.ts';
import { createRandom, type Random } from './random.ts';
import { keepBusy } from './toy/busy.ts';
import { type Field, startField } from './toy/field.ts';

interface Counts {
  stops: number;
  /** Of them, how many while Redis does not answer. */
  withoutRedis: number;
  handBacks: number;
}

/** SIGTERM at random moments, also while Redis hangs; and one node handed back again and again. */
export const t5: ChaosTest<Counts> = {
  title: 'SIGTERM at random moments, some while Redis hangs; one node handed back many times',
  full: { stops: 50, withoutRedis: 10, handBacks: 10 },

  async run({ stops, withoutRedis, handBacks }, seed) {
    const random = createRandom(seed);
    const field = await startField({ workers: 2 });
    try {
      const busy = keepBusy(field, { open: 4, ms: [500, 2_000], random });
      const seconds: number[] = [];
      for (let stop = withoutRedis; stop < stops; stop++) seconds.push(await stopOne(field, random, false));
      const restarts = restartsOf(field);
      for (let stop = 0; stop < withoutRedis; stop++) seconds.push(await stopOne(field, random, true));
      await busy.end();
      await field.allEnded(90_000);
      return [
        ...(await checkJobs(field)),
        all('gone within 15 s', stops, seconds.filter((s) => s <= 15).length),
        atMost({ what: 'slowest stop', count: stops, value: percentile(seconds, 1), max: 15, unit: 's' }),
        atMost({ what: 'restart of what was handed back', count: restarts.length, value: percentile(restarts, 1), max: 3, unit: 's' }),
        await handBack(field, handBacks),
      ];
    } finally {
      await field.close();
    }
  },
};

/** Seconds from SIGTERM to the end of the process; a frozen Redis is let go afterwards. */
async function stopOne(field: Field, random: Random, withoutRedis: boolean): Promise<number> {
  await field.startWorker();
  const [victim] = field.workers;
  if (!victim) throw new Error('there is no worker');
  await delay(random.integer(0, 1_000)); // any moment of its work
  if (withoutRedis) process.kill(field.redis.pid, 'SIGSTOP');
  const startMs = performance.now();
  await victim.stop(30_000);
  const seconds = (performance.now() - startMs) / 1000;
  if (withoutRedis) process.kill(field.redis.pid, 'SIGCONT');
  return seconds;
}

/** How long handed-back nodes lay before somebody took them again. */
function restartsOf(field: Field): number[] {
  const lines = field.ledger();
  return lines.flatMap(({ what, name, pid, atMs }, place) => {
    if (what !== 'handed') return [];
    const again = lines.slice(place).find((line) => line.what === 'start' && line.name === name && line.pid !== pid);
    return again ? [(again.atMs - atMs) / 1000] : [];
  });
}

/** One node, handed back so many times, has used one attempt when it is done. */
async function handBack(field: Field, times: number): Promise<Finding> {
  await Promise.all([...field.workers].map((worker) => worker.stop(20_000)));
  const id = await field.post({ scenes: 0, ms: 3_000 });
  const starts = () => field.ledger().filter(({ what, name }) => what === 'start' && name.startsWith(`${id}.`)).length;
  for (let time = 1; time <= times; time++) {
    const worker = await field.startWorker();
    await until(() => starts() === time, 20_000);
    await worker.stop(20_000);
  }
  await field.startWorker();
  await field.allEnded(30_000);
  const outcome = id === null ? null : await outcomeOf(field, id);
  return none(`attempts spent by ${times} hand-backs`, times, (outcome?.stages[0]?.attempts ?? 99) - 1);
}
