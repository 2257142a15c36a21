import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CutroomError } from '#contracts/errors';
import type { SafeFetch } from './safe-fetch.ts';

export interface Download {
  url: string;
  /** A new file, removed again when the download fails. */
  path: string;
  maxBytes: number;
  timeoutMs: number;
  signal: AbortSignal;
}

export interface Downloaded {
  bytes: number;
  sha256: string;
  contentType: string | null;
  /** Of the address, after redirects; data for people, never a path. */
  name: string;
}

/** URL → local file. Errors as `SafeFetch`; an answer that is not 2xx, or shorter than it said, is `URL_UNREACHABLE`. */
export async function downloadFile(fetch: SafeFetch, { path, ...wanted }: Download): Promise<Downloaded> {
  const response = await fetch({ ...wanted, maxRedirects: 5 });
  if (response.status < 200 || response.status > 299) {
    response.body.destroy();
    throw new CutroomError('URL_UNREACHABLE', `The address answered ${response.status}.`);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  const file = await open(path, 'wx');
  try {
    await pipeline(response.body, meter, file.createWriteStream(), { signal: wanted.signal });
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { bytes, sha256: hash.digest('hex'), contentType: response.headers['content-type'] ?? null, name: nameOf(response.url) };
}

function nameOf(url: string): string {
  const last = new URL(url).pathname.split('/').pop() ?? '';
  try {
    return decodeURIComponent(last).slice(0, 255) || 'download';
  } catch {
    return last.slice(0, 255);
  }
}
