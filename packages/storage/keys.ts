import { CutroomError } from '#contracts/errors';

const segment = /^[A-Za-z0-9._-]{1,200}$/;
const maxKeyLength = 800;

/**
 * The one place where path escape is refused: every key of every store passes here before it becomes a path. A key is
 * `segment/segment/…` of `[A-Za-z0-9._-]`, none of them `.` or `..`; anything else names nothing, so it is `NOT_FOUND`.
 */
export function checkKey(key: string): string {
  if (key.length <= maxKeyLength && key.split('/').every(isSegment)) return key;
  throw new CutroomError('NOT_FOUND', 'That is no key of this storage.');
}

/** A prefix is the beginning of a key: it may be empty and may end anywhere, but must not leave the root either. */
export function checkPrefix(prefix: string): string {
  const folders = prefix.split('/');
  const last = folders.pop() ?? '';
  if (folders.every(isSegment) && (last === '' || segment.test(last))) return prefix;
  throw new CutroomError('NOT_FOUND', 'That is no prefix of this storage.');
}

function isSegment(text: string): boolean {
  return segment.test(text) && text !== '.' && text !== '..';
}
