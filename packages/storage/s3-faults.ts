import { setTimeout as delay } from 'node:timers/promises';
import { CutroomError } from '#contracts/errors';

const tries = 4;
const firstPauseMs = 100;

type Verdict = 'absent' | 'exists' | 'conflict' | 'again' | 'refused';

/** What an answer of the store means for who asked. Servers differ in names; the status is the common part. */
export function judge(error: unknown): Verdict {
  const { name = '', $metadata: { httpStatusCode: status } = {} } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (name === 'NoSuchBucket') return 'refused';
  if (status === 404) return 'absent';
  if (status === 412) return 'exists';
  if (status === 409) return 'conflict';
  if (status === undefined || status === 408 || status === 429 || status >= 500) return 'again';
  return 'refused';
}

/**
 * Repeats what may be repeated, with growing pauses, and translates the rest: `NOT_FOUND`, `STORAGE_UNAVAILABLE`.
 * `attempt` is told whether an earlier one may have reached the store without an answer.
 */
export async function persist<T>(attempt: (maybeDone: boolean) => Promise<T>, signal?: AbortSignal): Promise<T> {
  let maybeDone = false;
  for (let count = 1; ; count++) {
    try {
      return await attempt(maybeDone);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof CutroomError) throw error;
      const verdict = judge(error);
      if (verdict === 'absent') throw new CutroomError('NOT_FOUND', { detail: 'There is no such key in the storage.', cause: error });
      if (count === tries || !(verdict === 'again' || verdict === 'conflict')) throw unavailable(error);
      maybeDone ||= verdict === 'again';
      await delay(firstPauseMs * 2 ** (count - 1) * (0.5 + Math.random()), undefined, signal && { signal });
    }
  }
}

function unavailable(error: unknown): CutroomError {
  const { name } = error as { name?: string };
  return new CutroomError('STORAGE_UNAVAILABLE', { detail: `The object storage answered ${name ?? 'nothing'}.`, cause: error });
}
