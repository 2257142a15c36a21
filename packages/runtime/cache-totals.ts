import { z } from 'zod';
import type { CacheStats } from './cache-stats.ts';
import type { RedisClient } from './redis.ts';

/** What the caches of all living workers did since each of them was started. */
export interface CacheTotals {
  workers: number;
  namespaces: Record<string, CacheStats>;
}

export interface CacheTellerOptions {
  /** Of the role `commands`. */
  redis: RedisClient;
  worker: string;
  read: () => Record<string, CacheStats>;
  now?: () => number;
}

const totalsKey = '{cutroom}:v1:cache-stats';
const tellEveryMs = 5_000;
/** Who has said nothing for so long is gone, and so are its figures. */
const forgetAfterMs = 20_000;

/** Tells the figures of this process every five seconds. Nobody needs them: a Redis that is away is left alone. */
export function createCacheTeller({ redis, worker, read, now = Date.now }: CacheTellerOptions): { close(): Promise<void> } {
  const tell = async () => {
    await redis.hset(totalsKey, worker, JSON.stringify({ at_ms: now(), namespaces: read() }));
    await redis.pexpire(totalsKey, forgetAfterMs);
  };
  const tryTo = (work: () => Promise<unknown>) => work().then(ignore, ignore);
  const timer = setInterval(() => void tryTo(tell), tellEveryMs);
  const first = tryTo(tell);
  return {
    async close() {
      clearInterval(timer);
      await first;
      await tryTo(() => redis.hdel(totalsKey, worker));
    },
  };
}

/** The sums of those who spoke lately; whoever has not is struck off. Throws what Redis throws. */
export async function readCacheTotals(redis: RedisClient, nowMs = Date.now()): Promise<CacheTotals> {
  const told = Object.entries(await redis.hgetall(totalsKey)).map(([worker, text]) => ({ worker, reading: parseReading(text) }));
  const alive = told.flatMap(({ reading }) => (reading && reading.at_ms > nowMs - forgetAfterMs ? [reading.namespaces] : []));
  const gone = told.filter(({ reading }) => !reading || reading.at_ms <= nowMs - forgetAfterMs);
  if (gone.length > 0) await redis.hdel(totalsKey, ...gone.map(({ worker }) => worker));
  return { workers: alive.length, namespaces: addUp(alive) };
}

/** Pure: figures of several processes, namespace by namespace. */
function addUp(readings: readonly Record<string, CacheStats>[]): Record<string, CacheStats> {
  const sums: Record<string, CacheStats> = {};
  for (const [name, stats] of readings.flatMap((reading) => Object.entries(reading))) {
    const before = sums[name];
    sums[name] = before ? addTwo(before, stats) : stats;
  }
  return sums;
}

const figure = z.number().nonnegative();
const statsSchema = z.object({
  hits: figure,
  misses: figure,
  bytes: figure,
  evictions: figure,
  poisoned: figure,
  fetched_ahead: figure,
  used_ahead: figure,
});
const readingSchema = z.object({ at_ms: z.number(), namespaces: z.record(z.string(), statsSchema) });

const addTwo = (one: CacheStats, other: CacheStats): CacheStats => ({
  hits: one.hits + other.hits,
  misses: one.misses + other.misses,
  bytes: one.bytes + other.bytes,
  evictions: one.evictions + other.evictions,
  poisoned: one.poisoned + other.poisoned,
  fetched_ahead: one.fetched_ahead + other.fetched_ahead,
  used_ahead: one.used_ahead + other.used_ahead,
});

function parseReading(text: string): z.infer<typeof readingSchema> | null {
  try {
    return readingSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

const ignore = () => undefined;
