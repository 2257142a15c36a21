import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedisClient } from './redis.ts';

export interface SharedLock {
  /** Lets the next one in. Never throws: who cannot say so loses it by itself after the lease. */
  release(): Promise<void>;
}

export interface Holding {
  name: string;
  /** Somebody else wants it, or it was lost: whoever holds it should end soon. Told once. */
  onWanted: () => void;
  /** Waits no longer. */
  signal: AbortSignal;
}

const leaseMs = 10_000;
const renewMs = 1_000;
const askMs = 100;

/** Holds on, and gives 1 when somebody waits; 0 when nobody does; -1 when it is not ours any more. */
const renewScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('EXISTS', KEYS[2])`;

const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1], KEYS[2]) end`;

/** One holder among all processes that share this Redis, as long as it renews its lease. Rejects when `signal` aborts or Redis is away. */
export async function takeSharedLock(redis: RedisClient, { name, onWanted, signal }: Holding): Promise<SharedLock> {
  const keys = [`{cutroom}:v1:lock:${name}`, `{cutroom}:v1:lock:${name}:wanted`] as const;
  const token = randomUUID();
  while ((await redis.set(keys[0], token, 'PX', leaseMs, 'NX')) !== 'OK') {
    await redis.set(keys[1], '1', 'PX', 2 * renewMs);
    await delay(askMs, undefined, { signal }); // the holder has no way to call us
  }
  let heldMs = Date.now();
  const renew = async () => {
    const answer = await redis.eval(renewScript, 2, ...keys, token, leaseMs).catch(() => null);
    if (answer !== null) heldMs = Date.now();
    if (answer !== 0 && (answer !== null || Date.now() - heldMs > leaseMs / 2)) tell();
  };
  const timer = setInterval(() => void renew(), renewMs);
  let told = false;
  const tell = () => {
    if (!told) onWanted();
    told = true;
  };
  return {
    async release() {
      clearInterval(timer);
      await redis.eval(releaseScript, 2, ...keys, token).catch(() => undefined);
    },
  };
}
