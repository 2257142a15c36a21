import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryGate, memoryFraction, readRedisInfo } from '#runtime/redis-health';
import { atMost, type ChaosTest, none } from './chaos.ts';
import { checkJobs } from './check.ts';
import { type Field, startField } from './toy/field.ts';

interface Counts {
  maxMemory: string;
  workers: number;
  /** Callers who post as fast as they are answered. */
  callers: number;
  /** How long they go on after the first refusal. */
  onMs: number;
}

/** More jobs than a small Redis can hold: the gate of the API closes, workers go on, and all that was taken is done. */
export const t28: ChaosTest<Counts> = {
  title: 'the memory wall: a flood of jobs against a small queue Redis',
  full: { maxMemory: '64mb', workers: 2, callers: 20, onMs: 10_000 },

  async run({ maxMemory, workers, callers, onMs }) {
    const field = await startField({ workers, redisArgs: ['--maxmemory', maxMemory], env: { CUTROOM_PREPARE_CONCURRENCY: '10' } });
    const gate = createMemoryGate(field.client);
    try {
      const { firstRefusal, highest, failed } = await flood(field, { isOpen: gate.isOpen, callers, onMs });
      const taken = field.journal.ids().length;
      const ended = await field.allEnded(60_000 + taken * 40);
      const { busy, idle } = secondsOf(field);
      return [
        { what: 'the flood was refused', count: taken, target: 'yes', result: firstRefusal > 0 ? 'yes' : 'no', passed: firstRefusal > 0 },
        atMost({ what: 'memory in use at the first refusal', count: 1, value: 100 * firstRefusal, max: 75, unit: '%' }),
        atMost({ what: 'memory in use at its highest', count: 1, value: 100 * highest, max: 99, unit: '%' }),
        none('posts that failed while the gate was open', taken, failed),
        none('seconds in which no job completed', busy + idle, idle),
        none('jobs that did not end', taken, ended ? 0 : await field.openJobs()),
        ...(await checkJobs(field)),
      ];
    } finally {
      gate.close();
      await field.close();
    }
  },
};

interface Flood {
  isOpen: () => boolean;
  callers: number;
  onMs: number;
}

/** Callers ask the gate as the API does, before anything is written. Shares of the memory that Redis may use. */
async function flood(field: Field, { isOpen, callers, onMs }: Flood): Promise<{ firstRefusal: number; highest: number; failed: number }> {
  const seen = { firstRefusal: 0, highest: 0, failed: 0 };
  let untilMs = Number.POSITIVE_INFINITY;
  const look = async () => memoryFraction(await readRedisInfo(field.client));
  const call = async () => {
    while (Date.now() < untilMs) {
      if (isOpen()) {
        if ((await field.post({ scenes: 0, ms: 0 })) === null) seen.failed++;
        continue;
      }
      if (untilMs === Number.POSITIVE_INFINITY) {
        untilMs = Date.now() + onMs;
        seen.firstRefusal = await look();
      }
      seen.highest = Math.max(seen.highest, await look());
      await delay(50); // a caller who was told to come back
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return seen;
}

/** Whole seconds from the first end of a job to the last one, by the workers' own ledger. */
function secondsOf(field: Field): { busy: number; idle: number } {
  const ends = field.ledger().flatMap(({ what, atMs }) => (what === 'ended' ? [atMs] : []));
  const [first, last] = [Math.min(...ends), Math.max(...ends)];
  const busy = new Set(ends.map((atMs) => Math.floor((atMs - first) / 1_000))).size;
  return { busy, idle: Math.floor((last - first) / 1_000) + 1 - busy };
}
