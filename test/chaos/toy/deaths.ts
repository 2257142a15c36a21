import type { FailpointName } from '#runtime/failpoint';
import type { Program } from '../../../scripts/stack/program.ts';
import type { Random } from '../random.ts';
import type { Field } from './field.ts';
import type { Line } from './ledger.ts';

/** Where a worker's death falls between two writes of a node. */
export const nodeWindows: readonly FailpointName[] = [
  'attempt.after',
  'blobs.written',
  'commit.before',
  'commit.after',
  'enqueue.before',
  'enqueue.after',
  'outcome.after',
];

export interface KillPlan {
  kills: number;
  everyMs: number;
  windows: readonly FailpointName[];
  random: Random;
}

export interface Death {
  pid: number;
  atMs: number;
}

/** Keeps a crowd of workers of which one dies at a time: every other one in the middle of a commit, the rest at any moment. */
export async function killWorkers(field: Field, plan: KillPlan): Promise<Death[]> {
  const { kills, everyMs, random, windows } = plan;
  const deaths: Death[] = [];
  const watch = (worker: Program) =>
    worker.exited.then(({ signal }) => {
      if (signal === 'SIGKILL') deaths.push({ pid: worker.pid, atMs: Date.now() });
    });
  for (const worker of field.workers) void watch(worker);
  for (let kill = 0; kill < kills; kill++) {
    const victim = random.pick(field.workers);
    const doomed = random.next() < 0.5;
    // Started first, so that there is always somebody to take over; later arrivals than the first few spare fresh entries.
    const heir = field.startWorker(doomed ? { CUTROOM_FAILPOINT: `${random.pick(windows)}:kill:${random.integer(3, 12)}` } : {});
    await Promise.race([victim.exited, wait(random.integer(0, 2 * everyMs))]);
    void watch(await heir);
    victim.kill('SIGKILL');
    await victim.exited;
  }
  return deaths;
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Pure: for each attempt that a death broke off and that had to run again, the time until it did, in seconds. */
export function toRecoveries(lines: readonly Line[], deaths: readonly Death[]): number[] {
  return deaths.flatMap(({ pid, atMs }) => {
    const ended = new Set(lines.filter((line) => line.pid === pid && line.what !== 'start').map(({ name }) => name));
    const broken = new Set(
      lines.filter((line) => line.pid === pid && line.what === 'start' && !ended.has(line.name)).map(({ name }) => name),
    );
    return [...broken].flatMap((name) => {
      const again = lines.find((line) => line.what === 'start' && line.name === name && line.pid !== pid && line.atMs >= atMs);
      return again ? [(again.atMs - atMs) / 1000] : [];
    });
  });
}
