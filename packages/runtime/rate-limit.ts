import { randomUUID } from 'node:crypto';
import type { RedisClient } from './redis.ts';

export interface RateLimit {
  /** 0 = go, and it is counted; else the milliseconds after which to ask again. */
  ask(): Promise<number>;
  /** Nobody goes for this long, whatever the rate allows. */
  shut(forMs: number): Promise<void>;
}

export interface RateRules {
  /** Never more than this in any window. */
  limit: number;
  windowMs: number;
}

/** Of this process alone, by the times of the last `limit` calls. */
export function createLocalRateLimit({ limit, windowMs }: RateRules, now: () => number = Date.now): RateLimit {
  let taken: number[] = [];
  let shutUntilMs = 0;
  return {
    async ask() {
      const nowMs = now();
      if (nowMs < shutUntilMs) return shutUntilMs - nowMs;
      taken = taken.filter((atMs) => atMs > nowMs - windowMs);
      if (taken.length >= limit) return taken[0]! + windowMs - nowMs;
      taken.push(nowMs);
      return 0;
    },
    async shut(forMs) {
      shutUntilMs = Math.max(shutUntilMs, now() + forMs);
    },
  };
}

/** One rate for every process that knows its name. While Redis does not answer, each process has the whole rate for itself. */
export function createSharedRateLimit({ redis, name, rules, local }: SharedRateLimitParts): RateLimit {
  const keys = [`{cutroom}:v1:rate:${name}`, `{cutroom}:v1:rate-shut:${name}`] as const;
  // Whoever was told to stay away stays away, also when Redis has forgotten it.
  let ownShutUntilMs = 0;
  return {
    async ask() {
      const ownMs = ownShutUntilMs - Date.now();
      if (ownMs > 0) return ownMs;
      const answer = await redis.eval(askScript, 2, ...keys, rules.limit, rules.windowMs, randomUUID()).catch(() => null);
      return answer === null ? local.ask() : (answer as number);
    },
    async shut(forMs) {
      ownShutUntilMs = Math.max(ownShutUntilMs, Date.now() + forMs);
      await redis.eval(shutScript, 1, keys[1], Math.ceil(forMs)).catch(() => null);
    },
  };
}

export interface SharedRateLimitParts {
  /** Of the role `commands`. */
  redis: RedisClient;
  name: string;
  rules: RateRules;
  local: RateLimit;
}

/** A sorted set of the last calls by Redis's clock: exact for every window, and a few hundred members at most. */
const askScript = `
local shut = redis.call('PTTL', KEYS[2])
if shut > 0 then return shut end
local limit, windowMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - windowMs)
if redis.call('ZCARD', KEYS[1]) < limit then
  redis.call('ZADD', KEYS[1], now, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], windowMs)
  return 0
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, tonumber(first[2]) + windowMs - now)
`;

const shutScript = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) end
return 0
`;
