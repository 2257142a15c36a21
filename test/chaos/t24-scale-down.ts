import { setTimeout as delay } from 'node:timers/promises';
import { all, atMost, type ChaosTest } from './chaos.ts';
import { checkJobs } from './check.ts';
import { createRandom } from './random.ts';
import { startField } from './toy/field.ts';
import type { Line } from './toy/ledger.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  jobs: number;
  stops: number;
  overMs: number;
}

const graceMs = 15_000;

/** Workers are taken away and given back under load, as a scaler does: one at a time, by SIGTERM. */
export const t24: ChaosTest<Counts> = {
  title: 'scale-down under load: work lost, work done twice, processes that had to be killed',
  full: { jobs: 600, stops: 30, overMs: 150_000 },

  async run({ jobs, stops, overMs }, seed) {
    const random = createRandom(seed);
    const field = await startField({ workers: 3 });
    try {
      const posting = paced({ count: jobs, overMs }, () => field.post({ scenes: 4, ms: random.integer(100, 500) }));
      let orderly = 0;
      for (let stop = 0; stop < stops; stop++) {
        await delay(random.integer(0, (2 * overMs) / stops)); // any moment of its work
        const victim = random.pick(field.workers);
        await victim.stop(graceMs);
        const { signal } = await victim.exited;
        if (signal === null) orderly++;
        await field.startWorker();
      }
      await posting;
      await field.allEnded(90_000);
      const { wastedMs, busyMs } = toWaste(field.ledger());
      return [
        ...(await checkJobs(field)),
        all('ended without SIGKILL', stops, orderly),
        atMost({ what: 'work done twice', count: stops, value: (100 * wastedMs) / busyMs, max: 5, unit: '%' }),
      ];
    } finally {
      await field.close();
    }
  },
};

/** Pure: time in attempts that came to nothing, of all time in attempts. */
function toWaste(lines: readonly Line[]): { wastedMs: number; busyMs: number } {
  const begun = new Map<string, number>();
  let [wastedMs, busyMs] = [0, 0];
  for (const { what, name, pid, atMs } of lines) {
    const attempt = `${pid} ${name}`;
    const startMs = begun.get(attempt);
    if (what === 'start') begun.set(attempt, atMs);
    else if (startMs !== undefined) {
      begun.delete(attempt);
      busyMs += atMs - startMs;
      if (what !== 'won') wastedMs += atMs - startMs;
    }
  }
  return { wastedMs, busyMs };
}
