import { type Budget, createBudget } from '#runtime/budget';
import { type Cache, createCache } from '#runtime/cache';
import { createAhead } from '#runtime/cache-ahead';
import { createRemoteCache } from '#runtime/cache-remote';
import { createCacheTeller } from '#runtime/cache-totals';
import type { Config } from '#runtime/config';
import type { Logger } from '#runtime/log';
import { readMemoryPressure } from '#runtime/memory-pressure';
import { closeRedis, createRedis } from '#runtime/redis';
import { createMemoryGate } from '#runtime/redis-health';
import { createGuard, type Guard } from '#runtime/resilience';
import type { Telemetry } from '#runtime/telemetry';
import type { Storage } from '#storage/storage';
import { researchTimeoutMs } from './research-endpoint.ts';

/** What stands between a stage and a provider; it knows no vendor. */
export interface AiMeans {
  /** One per model and service: what ails the one need not ail the other. */
  guards: { text: Guard; image: Guard; research: Guard };
  budget: Budget;
  cache: Cache;
}

export interface AiMeansOptions {
  config: Pick<Config, 'cacheRedisUrl' | 'gemini' | 'ai' | 'ahead'>;
  redisUrl: string;
  /** Name of this process. */
  worker: string;
  storage: Storage;
  telemetry: Telemetry;
  log: Pick<Logger, 'warn'>;
}

/** Several looks in the last minute of a value. */
const aheadLookMs = 15_000;
const cacheBytes = 64 * 1_048_576;
/** Beside the queue a cache keeps small things only, and none when the memory is wanted for jobs (they are refused at 75 %). */
const besideTheQueue = { maxValueBytes: 65_536, fullAt: 0.6 };
const onItsOwn = { maxValueBytes: 1_048_576, fullAt: 1 };

/** Opens connections of its own, because a paid call must not wait for a Redis that is away. */
export function createAiMeans({ config, redisUrl, worker, storage, telemetry, log }: AiMeansOptions): AiMeans & { close(): Promise<void> } {
  const cacheUrl = config.cacheRedisUrl ?? redisUrl;
  const limits = cacheUrl === redisUrl ? besideTheQueue : onItsOwn;
  const redis = createRedis({ url: redisUrl, role: 'commands', log });
  const cacheRedis = createRedis({ url: cacheUrl, role: 'commands', log });
  const gate = createMemoryGate(cacheRedis);
  const remote = createRemoteCache({ redis: cacheRedis, mayWrite: () => (gate.fraction() ?? 0) < limits.fullAt });
  const ahead = config.ahead.perMinute > 0 ? createAhead(config.ahead) : null;
  const looking = ahead && setInterval(() => void ahead.look(), aheadLookMs);
  const cache = createCache({
    remote,
    telemetry,
    maxBytes: cacheBytes,
    maxValueBytes: limits.maxValueBytes,
    pressure: readMemoryPressure,
    ...(ahead && { ahead }),
  });
  const teller = createCacheTeller({ redis, worker, read: cache.stats });
  const guardOf = (name: string, own: { totalMs?: number } = {}) => createGuard({ name, redis, telemetry, ...config.gemini.guard, ...own });
  const guards = {
    text: guardOf(config.gemini.model),
    image: guardOf(config.gemini.imageModel),
    research: guardOf('research', { totalMs: researchTimeoutMs }),
  };
  return {
    guards,
    budget: createBudget({ redis, store: storage, ...config.ai }),
    cache,
    async close() {
      if (looking) clearInterval(looking);
      for (const guard of Object.values(guards)) guard.close();
      cache.close();
      gate.close();
      await teller.close();
      await Promise.all([closeRedis(redis), closeRedis(cacheRedis)]);
    },
  };
}
