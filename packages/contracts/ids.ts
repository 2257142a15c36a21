import { createHash, randomFillSync } from 'node:crypto';
import { z } from 'zod';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const idPrefixes = ['ast', 'job', 'bat', 'evt', 'whe', 'whd', 'key', 'req'] as const;
export type IdPrefix = (typeof idPrefixes)[number];

/** `prefix_` + ULID: 48 bits of milliseconds, 80 random bits, so ids of one prefix sort by creation time. */
export const createId = (prefix: IdPrefix, nowMs = Date.now()): string => toId(prefix, nowMs, takeRandom());

/** An id that the same seed always gives, for what must not be created twice. */
export const deriveId = (prefix: IdPrefix, timeMs: number, seed: string): string =>
  toId(prefix, timeMs, createHash('sha256').update(seed).digest());

/** When an id was made, in milliseconds since 1970; the counterpart of `createId`. */
export function timeOfId(id: string): number {
  const time = id.slice(id.indexOf('_') + 1).slice(0, 10);
  return [...time].reduce((sum, digit) => sum * 32 + alphabet.indexOf(digit), 0);
}

/** Random bytes are fetched for 256 ids at a time: one by one they cost ten times as much. */
const pool = Buffer.alloc(4096);
let taken = pool.length;

function takeRandom(): Buffer {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  taken += 16;
  return pool.subarray(taken - 16, taken);
}

function toId(prefix: IdPrefix, timeMs: number, bytes: Buffer): string {
  let time = '';
  for (let rest = timeMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time;
  let tail = '';
  for (const byte of bytes.subarray(0, 16)) tail += alphabet[byte & 31];
  return `${prefix}_${time}${tail}`;
}

/** Milliseconds at which an id was made, as it says itself. */
export function timeOf(id: string): number {
  const time = id.slice(id.indexOf('_') + 1).slice(0, 10);
  return [...time].reduce((sum, digit) => sum * 32 + alphabet.indexOf(digit), 0);
}

export const idSchema = (prefix: IdPrefix) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`), `expected an id like ${prefix}_01J…`);
