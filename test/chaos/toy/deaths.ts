import type { FailpointName } from '#runtime/failpoint';
import type { Random } from '../random.ts';
import type { Death, Field } from './field.ts';
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

/** Keeps a crowd of workers of which one dies at a time: every other one in the middle of a commit, the rest at any moment. */
export async function killWorkers(field: Field, plan: KillPlan): Promise<readonly Death[]> {
  const { kills, everyMs, random, windows } = plan;
  const size = field.workers.length;
  // Later arrivals than the first few spare fresh entries; who dies before it says that it is ready has died all the same.
  const hire = () =>
    field
      .startWorker(random.next() < 0.5 ? { CUTROOM_FAILPOINT: `${random.pick(windows)}:kill:${random.integer(3, 12)}` } : {})
      .catch(() => null);
  while (field.deaths.length < kills) {
    const missing = Math.max(1, size + 1 - field.workers.length);
    const heirs = Promise.all(Array.from({ length: missing }, hire));
    await wait(random.integer(0, 2 * everyMs));
    await heirs; // so that there is always somebody to take over
    const victim = field.workers.length > 1 ? random.pick(field.workers) : null;
    victim?.kill('SIGKILL');
    await victim?.exited;
  }
  return field.deaths;
}

/** Between random deaths: the moment is what is tried, so there is no fact to wait for. */
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
