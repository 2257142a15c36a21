import { mkdir, statfs } from 'node:fs/promises';
import { type Pool, pools } from '#contracts/stage-declaration';
import type { Reconciler } from '#engine/reconcile';
import type { Logger } from '#runtime/log';
import type { Producer } from '#runtime/queue-types';
import { dropQueues, type Telemetry } from '#runtime/telemetry';
import type { Storage } from '#storage/storage';

export interface HousekeepingParts {
  reconciler: Reconciler;
  producer: Producer;
  storage: Storage;
  telemetry: Telemetry;
  scratchDir: string;
  log: Logger;
  everyMs: number;
  /** Left out where no hardware encodes. */
  watchGpus?: () => Promise<void>;
}

/** It looks at every key. */
const usageEveryMs = 600_000;

/** The leader's round: repair what fell between two writes, then say how full the queues are. Everybody else waits for the lease. */
export function createHousekeeping(parts: HousekeepingParts) {
  const { reconciler, producer, storage, telemetry, scratchDir, log, everyMs, watchGpus } = parts;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> = Promise.resolve();
  let closed = false;
  let usageMs = 0;

  async function look(): Promise<void> {
    try {
      telemetry.storage.scratchFree.set(await freeBytes(scratchDir));
      await watchGpus?.();
      if (!(await reconciler.pass())) return dropFigures(telemetry);
      await exportQueues(producer, telemetry);
      if (Date.now() > usageMs) {
        usageMs = Date.now() + usageEveryMs;
        await exportStorage(storage, telemetry);
      }
    } catch (error) {
      log.warn({ err: error }, 'housekeeping failed; the next round tries again');
    }
  }

  const next = () => {
    if (closed) return;
    timer = setTimeout(() => {
      round = look().finally(next);
    }, everyMs);
  };
  round = look().finally(next);

  return {
    async close(): Promise<void> {
      closed = true;
      clearTimeout(timer);
      await round;
      await reconciler.resign().catch(() => undefined);
    },
  };
}

/** They are the leader's to tell. */
function dropFigures(telemetry: Telemetry): void {
  dropQueues(telemetry);
  telemetry.engine.outboxOldest.remove();
}

async function exportQueues(producer: Producer, { queues }: Telemetry): Promise<void> {
  const counts = await producer.counts();
  for (const pool of pools) {
    const { paused, oldestWaitMs, ...states } = counts[pool];
    for (const [state, count] of Object.entries(states)) queues.jobs.set({ queue: pool, state }, count);
    queues.paused.set({ queue: pool }, paused ? 1 : 0);
    queues.oldestWait.set({ queue: pool }, oldestWaitMs / 1000);
    queues.backlog.set({ queue: pool }, backlogOf(states, pool));
  }
  queues.timestamp.set(Date.now() / 1000);
}

/** Seconds of footage behind one entry of a queue: a chunk is about this long, everything else is a whole job's. */
const mediaSeconds: Record<Pool, number> = { prepare: 60, ai: 60, render: 20, deliver: 0 };
const backlogOf = ({ waiting, delayed_due }: { waiting: number; delayed_due: number }, pool: Pool) =>
  (waiting + delayed_due) * mediaSeconds[pool];

async function exportStorage(storage: Storage, { storage: gauges }: Telemetry): Promise<void> {
  gauges.bytes.set({ tier: 'primary' }, (await storage.usage()).bytes);
}

async function freeBytes(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
