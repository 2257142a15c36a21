import type { Pool } from '#contracts/stage-declaration';
import type { Producer } from '#runtime/queue-types';
import type { RedisClient } from '#runtime/redis';
import { keyPrefix } from './state.ts';

const paceKey = (pool: Pool) => `${keyPrefix}:pace:${pool}`;
const kept = 50;
/** What ended longer ago says nothing about now. */
const recentS = 900;
/** Many jobs are looked at together; the queue is asked once for them. */
const believedMs = 1_000;

export type Pace = ReturnType<typeof createPace>;

/** How long entries of a pool took lately, and how long another one will have to wait therefore. */
export function createPace(redis: RedisClient, producer: Pick<Producer, 'counts'>) {
  let counted: { counts: ReturnType<Producer['counts']>; untilMs: number } | null = null;

  function counts() {
    if (!counted || counted.untilMs < Date.now()) counted = { counts: producer.counts(), untilMs: Date.now() + believedMs };
    return counted.counts;
  }

  return {
    /** An entry of the pool has ended after `seconds`. */
    async note(pool: Pool, seconds: number): Promise<void> {
      const key = paceKey(pool);
      const pipeline = redis.pipeline().lpush(key, seconds.toFixed(3));
      await pipeline
        .ltrim(key, 0, kept - 1)
        .expire(key, recentS)
        .exec();
    },

    /** Seconds until an entry at this place (0 = next) may start; null while nothing runs or nothing has ended lately. */
    async waitS(pool: Pool, position: number): Promise<number | null> {
      const [all, recent] = await Promise.all([counts(), redis.lrange(paceKey(pool), 0, kept - 1)]);
      return toWaitS({ position, recent: recent.map(Number), ...all[pool] });
    },
  };
}

/** Pure: entries ahead share the slots that are at work; each takes what entries took on average. */
export function toWaitS(queue: { position: number; recent: readonly number[]; active: number; paused: boolean }): number | null {
  const { position, recent, active, paused } = queue;
  if (paused || active === 0 || recent.length === 0) return null;
  const meanS = recent.reduce((sum, seconds) => sum + seconds, 0) / recent.length;
  return Math.round(((position + 1) / active) * meanS * 10) / 10;
}
