import { ERRORS, type Locker, MemoryLocker } from '@tus/server';
import { CutroomError } from '#contracts/errors';
import { linkSignals } from '#runtime/linked-signal';
import type { RedisClient } from '#runtime/redis';
import { type SharedLock, takeSharedLock } from '#runtime/shared-lock';

/** So long a request waits for another one that writes to the same upload; who is asked to end does so within seconds. */
const waitMs = 10_000;

/**
 * One writer per upload among all API processes that share a folder: first among the requests of this process, then among the
 * processes. A later request takes over from an earlier one, whose connection may be half-dead.
 */
export function createSharedLocker(redis: RedisClient): Locker {
  const here = new MemoryLocker({ acquireLockTimeout: waitMs });
  return {
    newLock(id) {
      const inner = here.newLock(id);
      let outer: SharedLock | null = null;
      return {
        async lock(gone, requestRelease) {
          await inner.lock(gone, requestRelease);
          const { signal, unlink } = linkSignals([gone], { timeoutMs: waitMs });
          try {
            outer = await takeSharedLock(redis, { name: `upload:${id}`, onWanted: () => void requestRelease(), signal });
          } catch (error) {
            await inner.unlock();
            if (signal.aborted) throw ERRORS.ERR_LOCK_TIMEOUT;
            throw new CutroomError('QUEUE_UNAVAILABLE', {
              detail: 'Nobody can tell who else writes to this upload.',
              retryAfterS: 2,
              cause: error,
            });
          } finally {
            unlink();
          }
        },
        async unlock() {
          await outer?.release();
          await inner.unlock();
        },
      };
    },
  };
}
