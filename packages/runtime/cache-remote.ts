import type { RedisClient } from './redis.ts';

/** A cache that may be slow, wrong or gone: every fault is a miss. */
export interface RemoteCache {
  get(key: string): Promise<Buffer | null>;
  set(key: string, bytes: Buffer, ttlMs: number): Promise<void>;
  delete(key: string): Promise<void>;
  /** SET NX with an owner. Null = nobody can tell. */
  claim(key: string, owner: string, ttlMs: number): Promise<boolean | null>;
  /** Goes on holding what it still holds; 0 gives it back. */
  keep(key: string, owner: string, ttlMs: number): Promise<void>;
}

export interface RemoteCacheOptions {
  /** Of the role `commands`. */
  redis: RedisClient;
  /** False = nothing new is stored, because the room is needed for other things. */
  mayWrite?: () => boolean;
  timeoutMs?: number;
  now?: () => number;
}

const faultsToLeave = 5;
const leaveForMs = 10_000;

/** After five faults in a row it is left alone for ten seconds. */
export function createRemoteCache({ redis, mayWrite = () => true, timeoutMs = 50, now = Date.now }: RemoteCacheOptions): RemoteCache {
  let faults = 0;
  let leftUntilMs = 0;

  async function ask<T>(work: () => Promise<T>): Promise<T | null> {
    if (now() < leftUntilMs) return null;
    try {
      const answer = await within(timeoutMs, work());
      faults = 0;
      return answer;
    } catch {
      faults++;
      if (faults >= faultsToLeave) {
        leftUntilMs = now() + leaveForMs;
        faults = 0;
      }
      return null;
    }
  }

  return {
    get: (key) => ask(() => redis.getBuffer(key)),
    async set(key, bytes, ttlMs) {
      if (mayWrite()) await ask(() => redis.set(key, bytes, 'PX', Math.ceil(ttlMs)));
    },
    delete: async (key) => void (await ask(() => redis.del(key))),
    async claim(key, owner, ttlMs) {
      const answer = await ask(async () => ((await redis.set(key, owner, 'PX', ttlMs, 'NX')) === 'OK' ? 'mine' : 'taken'));
      return answer && answer === 'mine';
    },
    keep: async (key, owner, ttlMs) => void (await ask(() => redis.eval(keepScript, 1, key, owner, ttlMs))),
  };
}

const keepScript = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then return redis.call('DEL', KEYS[1]) end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`;

function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('late')), timeoutMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
