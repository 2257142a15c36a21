import { CutroomError } from '#contracts/errors';

/** True when `error` is a system error with one of these codes. */
export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** System errors of the disk as rows of the error table; whoever waits on an aborted signal gets the abort as it is. */
export function toStorageError(error: unknown): unknown {
  if (error instanceof CutroomError || !(error instanceof Error) || !('syscall' in error)) return error;
  if (hasCode(error, 'ENOSPC', 'EDQUOT')) return new CutroomError('STORAGE_FULL', { detail: 'The disk is full.', cause: error });
  if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) {
    return new CutroomError('NOT_FOUND', { detail: 'There is no such key in the storage.', cause: error });
  }
  return new CutroomError('STORAGE_UNAVAILABLE', { detail: `The disk answered ${(error as NodeJS.ErrnoException).code}.`, cause: error });
}
