import type { Program } from '../../scripts/stack/program.ts';
import { all, atMost, type ChaosTest } from './chaos.ts';
import { outcomeOf } from './check.ts';
import { type Field, startField } from './toy/field.ts';

interface Counts {
  good: number;
  workers: number;
}

const jobMs = 100;

/** A job that kills every worker that touches it, among good ones. */
export const t7: ChaosTest<Counts> = {
  title: 'a job that kills its worker, among good ones',
  full: { good: 100, workers: 2 },

  async run({ good, workers }) {
    const field = await startField({ workers: 0, env: { CUTROOM_PREPARE_CONCURRENCY: '1' } });
    try {
      const crowd = await keepCrowd(field, workers);
      const deadly = await field.post({ scenes: 0, ms: 0, deadly: true });
      const startMs = Date.now();
      const ids = await Promise.all(Array.from({ length: good }, () => field.post({ scenes: 0, ms: jobMs })));
      await field.allEnded(120_000);
      const ends = await Promise.all(ids.map((id) => outcomeOf(field, id ?? '')));
      const poison = await outcomeOf(field, deadly ?? '');
      await crowd.end();
      const lastS = (Math.max(...ends.map((end) => Date.parse(end?.finished_at ?? ''))) - startMs) / 1000;
      return [
        all('good jobs completed', good, ends.filter((end) => end?.status === 'completed').length),
        all('deaths before it was given up', 3, crowd.deaths()),
        all('ended as poison', 1, poison?.error?.code === 'POISON_JOB' ? 1 : 0),
        atMost({ what: 'delay of the last good job', count: good, value: lastS - (good * jobMs) / 1000 / workers, max: 45, unit: 's' }),
      ];
    } finally {
      await field.close();
    }
  },
};

/** So many workers, each replaced when it dies. */
async function keepCrowd(field: Field, count: number) {
  let deaths = 0;
  let over = false;
  const replace = async (worker: Program): Promise<void> => {
    const { signal } = await worker.exited;
    if (signal === 'SIGKILL') deaths++;
    if (!over) await hire();
  };
  const hired: Promise<void>[] = [];
  const hire = async () => {
    const worker = await field.startWorker().catch(() => null); // told to stop before it was ready
    if (worker) hired.push(replace(worker));
  };
  await Promise.all(Array.from({ length: count }, hire));
  return {
    deaths: () => deaths,
    async end() {
      over = true;
      await Promise.all([...field.workers].map((worker) => worker.stop(20_000)));
      await Promise.all(hired);
    },
  };
}
