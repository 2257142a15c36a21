import { isSignedBy, startReceiver } from '../helpers/receiver.ts';
import { until } from '../helpers/until.ts';
import { all, type ChaosTest, none } from './chaos.ts';
import { checkJobs } from './check.ts';
import { createRandom } from './random.ts';
import { killWorkers } from './toy/deaths.ts';
import { startField } from './toy/field.ts';
import { paced } from './toy/paced.ts';

interface Counts {
  jobs: number;
  kills: number;
  overMs: number;
}

/** Around the outcome that holds the event, and around its sending. */
const windows = ['commit.after', 'outcome.after', 'outbox.before', 'outbox.after', 'enqueue.after', 'attempt.after'] as const;
const events = ['job.created', 'job.started', 'job.completed'] as const;

/** Webhooks of jobs whose workers die around the outcome and around the sending, at a receiver that refuses some at first. */
export const t14: ChaosTest<Counts> = {
  title: 'webhooks: workers killed around the outcome and the sending, a receiver that refuses 30 % at first',
  full: { jobs: 500, kills: 50, overMs: 130_000 },

  async run({ jobs, kills, overMs }, seed) {
    const random = createRandom(seed);
    const receiver = await startReceiver();
    const refused = new Set<string>();
    const delivered = new Set<string>();
    receiver.answer = ({ headers, event }) => {
      const id = headers['webhook-id'] ?? '';
      if (!refused.has(id) && !delivered.has(id) && random.next() < 0.3) {
        refused.add(id);
        return 500;
      }
      delivered.add(id);
      told.add(`${(event.data as { id: string }).id} ${event.type}`);
      return 200;
    };
    const told = new Set<string>();
    const field = await startField({ workers: 3 });
    try {
      const secret = await field.engine.webhooks.defaultSecret('local');
      const webhook = { url: receiver.url, events: [...events] };
      const posting = paced({ count: jobs, overMs }, () => field.post({ scenes: 0, ms: 10 }, { webhook }));
      const deaths = await killWorkers(field, { kills, everyMs: overMs / kills, windows, random });
      await posting;
      await field.allEnded(60_000);
      const wanted = field.journal.ids().flatMap((id) => events.map((type) => `${id} ${type}`));
      await until(() => wanted.every((event) => told.has(event)), 60_000).catch(() => null);
      const completed = wanted.filter((event) => event.endsWith('job.completed') && told.has(event)).length;
      const ids = receiver.received.map(({ headers, event }) => [headers['webhook-id'], `${event.data['id']} ${event.type}`]);
      return [
        ...(await checkJobs(field)),
        all('job.completed delivered', jobs, completed),
        none('other events missing', wanted.length - jobs, wanted.filter((event) => !told.has(event)).length - (jobs - completed)),
        all(
          'signatures valid for the public library',
          ids.length,
          receiver.received.filter((message) => isSignedBy(secret, message)).length,
        ),
        none('events under two webhook-ids', wanted.length, new Set(ids.map(String)).size - new Set(ids.map(([, event]) => event)).size),
        { what: 'worker SIGKILLs', count: kills, target: `≥ ${kills}`, result: deaths.length, passed: deaths.length >= kills },
      ];
    } finally {
      await field.close();
      await receiver.close();
    }
  },
};
