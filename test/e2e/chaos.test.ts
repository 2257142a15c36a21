import { describe, expect, it } from 'vitest';
import type { Finding } from '../chaos/chaos.ts';
import { t1 } from '../chaos/t01-worker-deaths.ts';
import { t2 } from '../chaos/t02-redis-deaths.ts';
import { t3 } from '../chaos/t03-zombies.ts';
import { t5 } from '../chaos/t05-orderly-stops.ts';
import { t7 } from '../chaos/t07-poison.ts';
import { t14 } from '../chaos/t14-outbox.ts';
import { t18 } from '../chaos/t18-idempotency.ts';
import { t27 } from '../chaos/t27-redis-failures.ts';
import '../helpers/scratch.ts';

const seed = 20_261_120;
/** Beside other tests a time says little: it is judged at full count, and here only what all but stands still is broken. */
const longestOfTargets = 5;
const broken = (findings: Finding[]) =>
  findings.filter(({ passed, timesTarget }) => (timesTarget === undefined ? !passed : !(timesTarget <= longestOfTargets)));

/** The fault tests of `./run chaos` at counts that fit into a suite: all mostly wait, so they run side by side. */
describe.concurrent('under fire, at a small part of the full counts', () => {
  it('T1: workers that die lose no job and double none', async () => {
    expect(broken(await t1.run({ jobs: 60, workers: 2, kills: 4, overMs: 6_000, lockS: 2, encodes: 0, encodeKills: 0 }, seed))).toEqual([]);
  });

  it('T2: a Redis that dies, loses the end of its file and is emptied costs no job', async () => {
    expect(broken(await t2.run({ jobs: 200, workers: 1, kills: 1, cuts: 1, flushes: 1, overMs: 5_000 }, seed))).toEqual([]);
  });

  it('T3: a worker that wakes from a long sleep cannot commit over another one', async () => {
    expect(broken(await t3.run({ zombies: 3, atOnce: 3 }, seed))).toEqual([]);
  });

  it('T5: a worker that is told to stop hands back what it runs and is gone, with Redis frozen too', async () => {
    expect(broken(await t5.run({ stops: 3, withoutRedis: 1, handBacks: 2 }, seed))).toEqual([]);
  });

  it('T7: a job that kills its workers is given up after three, and the others go on', async () => {
    expect(broken(await t7.run({ good: 20, workers: 2 }, seed))).toEqual([]);
  });

  it('T14: every event reaches its receiver, whoever dies around it', async () => {
    expect(broken(await t14.run({ jobs: 30, kills: 3, overMs: 5_000 }, seed))).toEqual([]);
  });

  it('T18: one key makes one job, however often it comes and whenever the API dies', async () => {
    expect(broken(await t18.run({ keys: 5, posts: 20, kills: 2 }, seed))).toEqual([]);
  });

  it('T27: while Redis hangs or is a replica the API refuses at once, reads on and comes back by itself', async () => {
    expect(broken(await t27.run({ faults: ['stopped', 'READONLY'], seconds: 6, perSecond: 25 }, seed))).toEqual([]);
  });
});
