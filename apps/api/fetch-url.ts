import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import type { ApiDeps } from './deps.ts';
import { type ReceivedFile, toDisplayName } from './receive-upload.ts';
import { checkRoom } from './room.ts';

/** An address of a user → a file on our disk, as if it had been uploaded. */
export async function fetchUrl(deps: ApiDeps, { url, signal }: { url: string; signal: AbortSignal }): Promise<ReceivedFile> {
  const { uploadDir, limits } = deps;
  await deps.checkUrl(url);
  await checkRoom(uploadDir, { bytes: 0, minFreeShare: limits.minFreeShare });
  const path = join(uploadDir, `${createId('req')}.part`);
  try {
    await deps.download(url, { path, maxBytes: limits.maxUploadBytes, signal });
    return { path, name: nameOfUrl(url), ...(await measure(path, signal)) };
  } catch (error) {
    await rm(path, { force: true });
    if (error instanceof CutroomError)
      throw new CutroomError(error.code, { ...error.details, errors: [{ pointer: '/url', detail: error.message }] });
    throw error;
  }
}

/** Size and SHA-256 of a file. */
export async function measure(path: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(
    createReadStream(path, { highWaterMark: 1_048_576 }),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    },
    { signal },
  );
  return { bytes, sha256: hash.digest('hex') };
}

/** The last part of the path is what people call a file; everything else of an address may be secret. */
export function nameOfUrl(url: string): string {
  return toDisplayName(new URL(url).pathname.split('/').at(-1) || 'video');
}
