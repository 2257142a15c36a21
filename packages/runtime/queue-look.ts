import { type Pool, pools } from '#contracts/stage-declaration';
import type { PriorityClass, QueueCounts, QueueEntry } from './queue-types.ts';
import type { RedisClient } from './redis.ts';

/** Lower runs first. A class has two ranges of numbers, one for what comes early; BullMQ takes numbers up to 2²¹. */
const turnsPerRange = 345_000;
const firstOf: Record<PriorityClass, number> = { high: 1, normal: 1 + 2 * turnsPerRange, low: 1 + 4 * turnsPerRange };
const ranges = Object.values(firstOf).flatMap((first) => [first, first + turnsPerRange]);

/**
 * Pure. What comes early overtakes its own class, never a higher one. Always set: entries without a number would run
 * before all others. Turns beyond the last one share it and run as they came.
 */
export const toPriorityNumber = ({ priority, early = false, turn = 0 }: Pick<QueueEntry, 'priority' | 'early' | 'turn'>): number =>
  firstOf[priority] + (early ? 0 : turnsPerRange) + Math.min(turn, turnsPerRange - 1);

/** BullMQ packs the class into the high part of a score, and the due time into the high part of a delayed one. */
const priorityScale = 0x1_0000_0000;
const delayScale = 0x1000;

/** Who waits longest stands at either end of a range or behind few others: so many are looked at there. */
const looked = 10;

/** What the queues look like, in two round trips for all pools. Reads BullMQ's keys, changes nothing. */
export async function readCounts(redis: RedisClient, prefix: string, nowMs: number): Promise<Record<Pool, QueueCounts>> {
  const results = await Promise.all(pools.map((pool) => readPool({ redis, base: `${prefix}:${pool}:`, nowMs })));
  return Object.fromEntries(pools.map((pool, index) => [pool, results[index]])) as Record<Pool, QueueCounts>;
}

export async function readPosition(redis: RedisClient, key: { prefix: string; pool: Pool; id: string }): Promise<number | null> {
  const base = `${key.prefix}:${key.pool}:`;
  return redis.zrank(`${base}prioritized`, key.id);
}

async function readPool({ redis, base, nowMs }: { redis: RedisClient; base: string; nowMs: number }): Promise<QueueCounts> {
  const edges = ranges.flatMap((first) => {
    const [from, to] = [`${first * priorityScale}`, `(${(first + turnsPerRange) * priorityScale}`];
    return [
      redis.zrange(`${base}prioritized`, from, to, 'BYSCORE', 'LIMIT', 0, looked),
      redis.zrange(`${base}prioritized`, to, from, 'BYSCORE', 'REV', 'LIMIT', 0, looked),
    ];
  });
  const [plain, prioritized, active, delayed, due, paused, ...first] = await Promise.all([
    redis.llen(`${base}wait`),
    redis.zcard(`${base}prioritized`),
    redis.llen(`${base}active`),
    redis.zcard(`${base}delayed`),
    redis.zcount(`${base}delayed`, 0, (nowMs + 1) * delayScale - 1),
    redis.hexists(`${base}meta`, 'paused'),
    ...edges,
  ]);
  const since = await Promise.all([...new Set(first.flat())].map((id) => redis.hget(`${base}${id}`, 'timestamp')));
  const waits = since.map((timestamp) => (timestamp === null ? 0 : nowMs - Number(timestamp)));
  return { waiting: plain + prioritized, active, delayed, delayed_due: due, paused: paused === 1, oldestWaitMs: Math.max(0, ...waits) };
}
