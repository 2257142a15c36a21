import { type Pool, pools } from '#contracts/pipeline';
import type { PriorityClass, QueueCounts, QueueEntry } from './queue-types.ts';
import type { RedisClient } from './redis.ts';

/** Lower runs first. Always set: entries without a priority would run before all others. */
const priorityNumbers: Record<PriorityClass, number> = { high: 10, normal: 100, low: 1000 };
const headStart = 5;
const usedNumbers = Object.values(priorityNumbers).flatMap((number) => [number - headStart, number]);

/** What comes early overtakes its own class, never a higher one. */
export const toPriorityNumber = ({ priority, early = false }: Pick<QueueEntry, 'priority' | 'early'>): number =>
  priorityNumbers[priority] - (early ? headStart : 0);

/** BullMQ packs the class into the high part of a score, and the due time into the high part of a delayed one. */
const priorityScale = 0x1_0000_0000;
const delayScale = 0x1000;

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
  const heads = usedNumbers.map((priority) =>
    redis.zrange(`${base}prioritized`, priority * priorityScale, `(${(priority + 1) * priorityScale}`, 'BYSCORE', 'LIMIT', 0, 1),
  );
  const [plain, prioritized, active, delayed, due, paused, ...first] = await Promise.all([
    redis.llen(`${base}wait`),
    redis.zcard(`${base}prioritized`),
    redis.llen(`${base}active`),
    redis.zcard(`${base}delayed`),
    redis.zcount(`${base}delayed`, 0, (nowMs + 1) * delayScale - 1),
    redis.hexists(`${base}meta`, 'paused'),
    ...heads,
  ]);
  const since = await Promise.all(first.flat().map((id) => redis.hget(`${base}${id}`, 'timestamp')));
  const waits = since.map((timestamp) => (timestamp === null ? 0 : nowMs - Number(timestamp)));
  return { waiting: plain + prioritized, active, delayed, delayed_due: due, paused: paused === 1, oldestWaitMs: Math.max(0, ...waits) };
}
