import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RemoteCache } from './cache-remote.ts';

export interface Turn<T> {
  /** What somebody else may have made meanwhile. */
  look(): Promise<T | null>;
  make(): Promise<T>;
  signal: AbortSignal;
}

const leaseMs = 5_000;
const longestWaitMs = 150_000;

/**
 * Single flight over processes: one makes, the others look until it is there. A holder that dies costs its lease's time
 * and one more making; when nobody can tell who holds it, everybody makes.
 */
export async function makeInTurn<T>(remote: RemoteCache, key: string, { look, make, signal }: Turn<T>): Promise<T> {
  const owner = randomUUID();
  const giveUpMs = performance.now() + longestWaitMs;
  for (let waitMs = 10; ; waitMs = Math.min(250, waitMs * 2)) {
    const claimed = await remote.claim(key, owner, leaseMs);
    if (claimed === null || performance.now() > giveUpMs) return make();
    if (claimed) return holding(remote, key, { owner, look, make });
    await delay(waitMs, undefined, { signal });
    const found = await look();
    if (found !== null) return found;
  }
}

async function holding<T>(
  remote: RemoteCache,
  key: string,
  { owner, look, make }: Pick<Turn<T>, 'look' | 'make'> & { owner: string },
): Promise<T> {
  const timer = setInterval(() => void remote.keep(key, owner, leaseMs), leaseMs / 3);
  try {
    return (await look()) ?? (await make());
  } finally {
    clearInterval(timer);
    await remote.keep(key, owner, 0);
  }
}
