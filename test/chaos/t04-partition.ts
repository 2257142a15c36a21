import { setTimeout as delay } from 'node:timers/promises';
import type { Program } from '../../scripts/stack/program.ts';
import { type Line, type LineFault, lineFaults, startLine } from '../helpers/line.ts';
import { all, atMost, type ChaosTest, none, percentile } from './chaos.ts';
import { checkJobs } from './check.ts';
import { createRandom, type Random } from './random.ts';
import { keepBusy } from './toy/busy.ts';
import { type Field, startField } from './toy/field.ts';

interface Counts {
  workers: number;
  cuts: number;
  minMs: number;
  maxMs: number;
  lockS: number;
}

interface Cut {
  fault: LineFault;
  ms: number;
}

interface Member {
  worker: Program;
  line: Line;
}

/**
 * Workers that reach Redis by lines of their own, which are cut, slowed, silenced in one direction or forgotten, and heal; beside them one
 * whose line is always well, so that what the others hold is taken over meanwhile.
 */
export const t4: ChaosTest<Counts> = {
  title: 'partition: workers lose their line to Redis and get it back',
  full: { workers: 4, cuts: 20, minMs: 1_000, maxMs: 40_000, lockS: 10 },

  async run({ workers, cuts, minMs, maxMs, lockS }, seed) {
    const random = createRandom(seed);
    const field = await startField({ workers: 0, env: { CUTROOM_LOCK_SECONDS: String(lockS) } });
    const lines = await Promise.all(Array.from({ length: workers }, () => startLine(field.redis.port)));
    try {
      const [crew] = await Promise.all([Promise.all(lines.map((line) => hire(field, line))), field.startWorker()]);
      let exits = 0;
      for (const { worker } of crew) worker.exited.then(() => exits++);
      const busy = keepBusy(field, { open: 6 * workers, ms: [200, 1_500], random });
      const plan = drawCuts({ cuts, minMs, maxMs, random });
      const seconds = (await Promise.all(crew.map((member) => suffer(field, member, { plan, random })))).flat();
      await busy.end();
      await field.allEnded(90_000);
      return [
        ...(await checkJobs(field)),
        all('cuts', cuts, seconds.length),
        atMost({ what: 'at work again after healing', count: cuts, value: percentile(seconds, 1), max: 10, unit: 's' }),
        none('processes that ended', workers, exits),
      ];
    } finally {
      await field.close();
      await Promise.all(lines.map((line) => line.close()));
    }
  },
};

async function hire(field: Field, line: Line): Promise<Member> {
  return { line, worker: await field.startWorker({ REDIS_URL: `redis://127.0.0.1:${line.port}` }) };
}

/** Every fault in turns; short cuts and long ones in equal shares, in any order. */
function drawCuts({ cuts, minMs, maxMs, random }: Omit<Counts, 'workers' | 'lockS'> & { random: Random }): Cut[] {
  const lengths = Array.from({ length: cuts }, (_, index) => minMs + ((maxMs - minMs) * (index + random.next())) / cuts);
  return lengths
    .map((ms) => ({ ms, rank: random.next() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ ms }, index) => ({ ms, fault: lineFaults[index % lineFaults.length] as LineFault }));
}

/** Takes cuts from the common plan until none is left; gives, for each, the seconds from healing to the worker's next start of a node. */
async function suffer(field: Field, { worker, line }: Member, { plan, random }: { plan: Cut[]; random: Random }): Promise<number[]> {
  const seconds: number[] = [];
  for (let cut = plan.pop(); cut; cut = plan.pop()) {
    line.harm(cut.fault);
    await delay(cut.ms);
    line.heal();
    seconds.push(await secondsToNextStart(field, worker.pid));
    await delay(random.integer(1_000, 6_000)); // works for a while, so that the next cut finds it in the middle of something
  }
  return seconds;
}

const limitS = 60;

async function secondsToNextStart(field: Field, pid: number): Promise<number> {
  const sinceMs = Date.now();
  while (Date.now() < sinceMs + 1_000 * limitS) {
    const start = field.ledger().find((line) => line.what === 'start' && line.pid === pid && line.atMs >= sinceMs);
    if (start) return (start.atMs - sinceMs) / 1000;
    await delay(200); // another process writes the ledger
  }
  return limitS;
}
