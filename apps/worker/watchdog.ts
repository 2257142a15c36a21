import type { Pool } from '#contracts/stage-declaration';
import type { Producer, QueueWorker } from '#runtime/queue-types';

export interface Watched {
  pool: Pool;
  worker: Pick<QueueWorker, 'running'>;
  slots: number;
  /** When it last began something, or was made itself. */
  startedMs: number;
}

/** After failovers of Redis, BullMQ's workers have been seen to fetch nothing any more (taskforcesh/bullmq#648). */
const silentMs = 60_000;

/** Those that have begun nothing for a minute although their queue has work and they have room. */
export async function findSilent<T extends Watched>(
  watched: readonly T[],
  producer: Pick<Producer, 'counts'>,
  nowMs: number,
): Promise<T[]> {
  const suspects = watched.filter(({ worker, slots, startedMs }) => nowMs - startedMs > silentMs && worker.running().length < slots);
  if (suspects.length === 0) return [];
  const counts = await producer.counts();
  return suspects.filter(({ pool }) => counts[pool].waiting > 0 && !counts[pool].paused);
}
