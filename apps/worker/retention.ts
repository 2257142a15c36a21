import { readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sweeper } from '#engine/retention/sweeper';
import { keyPrefix } from '#engine/state';
import type { Logger } from '#runtime/log';
import type { RedisClient } from '#runtime/redis';

export interface RetentionParts {
  sweep: Sweeper;
  redis: RedisClient;
  /** Who sweeps. */
  owner: string;
  scratchDir: string;
  everyMs: number;
  log: Logger;
}

const sweptKey = `${keyPrefix}:lease:sweeper`;
/** An attempt is over long before. */
const scratchMs = 24 * 3_600_000;
/** How often a worker asks whether it is time. */
const lookMs = 60_000;

/** Every worker tidies its own scratch folder; the storage is swept by whoever asks first when it is time. */
export function createRetention({ sweep, redis, owner, scratchDir, everyMs, log }: RetentionParts) {
  const closing = new AbortController();

  async function look(): Promise<void> {
    try {
      await removeOld(scratchDir, Date.now() - scratchMs);
      if ((await redis.set(sweptKey, owner, 'PX', everyMs, 'NX')) !== 'OK') return;
      const startedMs = performance.now();
      const swept = await sweep(closing.signal);
      log.info({ ...swept, duration_ms: Math.round(performance.now() - startedMs) }, 'swept');
    } catch (error) {
      if (!closing.signal.aborted) log.warn({ err: error }, 'the sweep was broken off; the next one goes on');
    }
  }

  let round = look();
  const timer = setInterval(() => {
    round = round.then(look);
  }, lookMs);

  return {
    async close(): Promise<void> {
      clearInterval(timer);
      closing.abort();
      await round;
    },
  };
}

/** Removes the entries of a folder that nobody has touched since. */
export async function removeOld(folder: string, beforeMs: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && found.mtimeMs < beforeMs) await rm(path, { recursive: true, force: true });
  }
}

/** Less than this share of the folder's disk is free. */
export async function isTight(folder: string, minFreeShare: number): Promise<boolean> {
  const { bavail, blocks } = await statfs(folder);
  return bavail < blocks * minFreeShare;
}
