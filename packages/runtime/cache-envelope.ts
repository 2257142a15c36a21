import { createHash } from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

/** A value as its JSON, and until when it is what; times in milliseconds since 1970. */
export interface CacheEntry {
  text: string;
  freshUntilMs: number;
  /** Until then it may be shown while a new one is made. */
  staleUntilMs: number;
}

const magic = 0xc7;
/** Raise with every change of the layout: an older value is a miss. */
const version = 1;
const encodings = { plain: 0, brotli: 1 } as const;
const digestBytes = 16;
const digestAt = 3 + 8 + 8;
const headerBytes = digestAt + digestBytes;
const compressFrom = 1_024;

/** Layout: magic, version, encoding, fresh until, stale until, the beginning of the sha256 of all else, body. */
export function encodeEntry({ text, freshUntilMs, staleUntilMs }: CacheEntry): Buffer {
  const plain = Buffer.from(text);
  const squeezed = plain.length > compressFrom;
  const body = squeezed ? brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }) : plain;
  const header = Buffer.alloc(headerBytes);
  header.set([magic, version, squeezed ? encodings.brotli : encodings.plain]);
  header.writeDoubleBE(freshUntilMs, 3);
  header.writeDoubleBE(staleUntilMs, 11);
  header.set(digestOfAll(header, body), digestAt);
  return Buffer.concat([header, body]);
}

/** Null for anything that is not exactly what `encodeEntry` writes, or would be larger than `maxBytes`. */
export function decodeEntry(bytes: Buffer, maxBytes: number): CacheEntry | null {
  if (bytes.length < headerBytes || bytes[0] !== magic || bytes[1] !== version) return null;
  const body = bytes.subarray(headerBytes);
  if (!digestOfAll(bytes, body).equals(bytes.subarray(digestAt, headerBytes))) return null;
  const text = toText(body, bytes[2], maxBytes);
  const [freshUntilMs, staleUntilMs] = [bytes.readDoubleBE(3), bytes.readDoubleBE(11)];
  if (text === null || !Number.isFinite(freshUntilMs) || !Number.isFinite(staleUntilMs)) return null;
  return { text, freshUntilMs, staleUntilMs };
}

const digestOfAll = (header: Buffer, body: Buffer) =>
  createHash('sha256').update(header.subarray(0, digestAt)).update(body).digest().subarray(0, digestBytes);

function toText(body: Buffer, encoding: number | undefined, maxBytes: number): string | null {
  if (encoding === encodings.plain) return body.length > maxBytes ? null : body.toString();
  if (encoding !== encodings.brotli) return null;
  try {
    return brotliDecompressSync(body, { maxOutputLength: maxBytes }).toString();
  } catch {
    return null;
  }
}
