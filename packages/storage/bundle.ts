/**
 * A bundle is one file with many names: records that were created in the same moment, each found under its own key by the
 * file's index. One flush makes all of them durable, one hard link makes one of them appear, and the bytes are gone with
 * the last name: nothing has to be replayed or compacted. `<magic><length of the index> <index><records>`; the index is
 * JSON, key → [start, end) counted from where the records begin.
 */
const magic = Buffer.from('cutroom bundle 1 ');
export const maxBundleEntries = 256;
/** Records of a bundle together: whoever reads one of them reads the whole file. Larger ones have files of their own. */
export const maxBundleBytes = 262_144;
export const maxBundleEntryBytes = 65_536;
/** 256 keys of 800 characters, and their numbers. */
const maxIndexBytes = 262_144;
/** So much of a file's beginning tells whether it is a bundle, and so much what it holds. */
export const magicBytes = magic.length;
export const headBytes = magic.length + 8 + maxIndexBytes;

export interface Entry {
  key: string;
  bytes: Uint8Array;
}

/** Pure: entries with different keys → the bytes of their common file. */
export function buildBundle(entries: readonly Entry[]): Buffer {
  let end = 0;
  const spans = entries.map(({ key, bytes }) => {
    end += bytes.length;
    return [key, [end - bytes.length, end]] as const;
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(spans)));
  return Buffer.concat([magic, Buffer.from(`${text.length} `), text, ...entries.map(({ bytes }) => bytes)]);
}

/** Pure: what to write for one record alone: its bytes, unless they would be taken for a bundle. */
export const toFileBytes = (entry: Entry): Uint8Array => (isBundle(entry.bytes) ? buildBundle([entry]) : entry.bytes);

export const isBundle = (bytes: Uint8Array): boolean => magic.equals(bytes.subarray(0, magic.length));

/**
 * Pure: where the record of `key` lies in a file that begins with `head`, `end` exclusive; null when the file is the
 * record. Content that merely looks like a bundle does not name its own key, which for a blob is the content's hash.
 */
export function locate(key: string, head: Buffer): { start: number; end: number } | null {
  if (!isBundle(head)) return null;
  const digits = /^\d{1,6} /.exec(head.toString('latin1', magic.length, magic.length + 7))?.[0];
  if (!digits || Number(digits) > maxIndexBytes) return null;
  const base = magic.length + digits.length + Number(digits);
  const index = parseIndex(head.toString('utf8', magic.length + digits.length, base));
  const [start, end] = index && Object.hasOwn(index, key) ? (index[key] as [number, number]) : [];
  return start === undefined || end === undefined ? null : { start: base + start, end: base + end };
}

/** Pure: the record of `key` out of the whole file. */
export function extract(key: string, file: Buffer): Buffer {
  const span = locate(key, file);
  return span ? file.subarray(span.start, span.end) : file;
}

function parseIndex(text: string): Record<string, unknown> | null {
  try {
    return JSON.parse(text) as Record<string, unknown> | null;
  } catch {
    return null;
  }
}
