import { CutroomError, toCutroomError } from '#contracts/errors';

/**
 * Anything thrown becomes a row of the error table. What Redis says about itself is `QUEUE_UNAVAILABLE`: out of memory, loading, a
 * replica, behind a password or not there, it is never the job's fault, nor the caller's.
 */
export function toBlamelessError(thrown: unknown): CutroomError {
  if (thrown instanceof CutroomError || !isRedisFault(thrown)) return toCutroomError(thrown);
  return new CutroomError('QUEUE_UNAVAILABLE', { detail: 'Redis does not answer.', retryAfterS: 2, cause: thrown });
}

/** ioredis has no class for it: refused, timed out, cut, or answered LOADING, READONLY, OOM, NOAUTH. */
const isRedisFault = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  (/^(MaxRetriesPerRequestError|ReplyError|ClusterAllFailedError)$/.test(thrown.name) ||
    /^(Command timed out|Connection is closed|Stream isn't writeable)/.test(thrown.message));
