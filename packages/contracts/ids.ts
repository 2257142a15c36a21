import { randomBytes } from 'node:crypto';
import { z } from 'zod';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const idPrefixes = ['ast', 'job', 'bat', 'evt', 'whe', 'whd', 'key', 'req'] as const;
export type IdPrefix = (typeof idPrefixes)[number];

/** `prefix_` + ULID: 48 bits of milliseconds, 80 random bits, so ids of one prefix sort by creation time. */
export function createId(prefix: IdPrefix, nowMs = Date.now()): string {
  let time = '';
  for (let rest = nowMs, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = alphabet[rest % 32] + time;
  let random = '';
  for (const byte of randomBytes(16)) random += alphabet[byte & 31];
  return `${prefix}_${time}${random}`;
}

export const idSchema = (prefix: IdPrefix) =>
  z.string().regex(new RegExp(`^${prefix}_[0-9A-HJKMNP-TV-Z]{26}$`), `expected an id like ${prefix}_01J…`);
