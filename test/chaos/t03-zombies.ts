import { startReceiver } from '../helpers/receiver.ts';
import { until } from '../helpers/until.ts';
import { all, type ChaosTest, none } from './chaos.ts';
import { checkJobs } from './check.ts';
import { type Field, startField } from './toy/field.ts';

interface Counts {
  zombies: number;
  atOnce: number;
}

/** Workers that are frozen with their result in hand, outlive their lock, and wake when others have done their work. */
export const t3: ChaosTest<Counts> = {
  title: 'zombies: frozen right before the commit, awake after another worker has committed',
  full: { zombies: 50, atOnce: 10 },

  async run({ zombies, atOnce }) {
    const receiver = await startReceiver();
    const field = await startField({ workers: 0 });
    try {
      let late = 0;
      for (let done = 0; done < zombies; done += atOnce) late += await freeze(field, Math.min(atOnce, zombies - done), receiver.url);
      const toldOf = () => new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size;
      // What the last rescuer was still to send when it was stopped, another one sends.
      if (toldOf() < zombies) await withRescuer(field, () => until(() => toldOf() === zombies, 20_000).catch(() => false));
      const events = receiver.received.map(({ headers }) => headers['webhook-id']);
      return [
        ...(await checkJobs(field)),
        all('late commits refused and counted', zombies, late),
        all('jobs whose webhook came', zombies, new Set(events).size),
        none('webhooks doubled', zombies, events.length - new Set(events).size),
      ];
    } finally {
      await field.close();
      await receiver.close();
    }
  },
};

async function withRescuer(field: Field, use: () => Promise<unknown>): Promise<void> {
  const rescuer = await field.startWorker();
  await use();
  await rescuer.stop(20_000);
}

/** How many of so many zombies had their commit refused. */
async function freeze(field: Field, count: number, url: string): Promise<number> {
  const one = { CUTROOM_PREPARE_CONCURRENCY: '1', CUTROOM_POOLS: 'prepare', CUTROOM_FAILPOINT: 'commit.before:stop' };
  const zombies = await Promise.all(Array.from({ length: count }, () => field.startWorker(one)));
  const pids = new Set(zombies.map(({ pid }) => pid));
  const mine = (what: string) => field.ledger().filter((line) => line.what === what && pids.has(line.pid)).length;
  const webhook = { url, events: ['job.completed' as const] };
  await Promise.all(zombies.map(() => field.post({ scenes: 0, ms: 50 }, { webhook })));
  await until(() => mine('start') === count, 30_000);
  const rescuer = await field.startWorker();
  if (!(await field.allEnded(60_000))) throw new Error('nobody did the work of the frozen');
  for (const { kill } of zombies) kill('SIGCONT');
  await until(() => mine('late') + mine('won') + mine('handed') === count, 20_000);
  await Promise.all([rescuer, ...zombies].map((worker) => worker.stop(20_000)));
  return mine('late');
}
