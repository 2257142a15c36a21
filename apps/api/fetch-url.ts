import { join } from 'node:path';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import type { ApiDeps } from './deps.ts';
import { type ReceivedFile, toDisplayName } from './receive-upload.ts';
import { checkRoom } from './room.ts';

/** An address of a user → a file on our disk, as if it had been uploaded. */
export async function fetchUrl(deps: ApiDeps, { url, signal }: { url: string; signal: AbortSignal }): Promise<ReceivedFile> {
  const { uploadDir, limits } = deps;
  await deps.checkUrl(url, 'fetch');
  await checkRoom(uploadDir, { bytes: 0, minFreeShare: limits.minFreeShare });
  const path = join(uploadDir, `${createId('req')}.part`);
  try {
    const { bytes, sha256, name } = await deps.download({ url, path, maxBytes: limits.maxUploadBytes, signal });
    return { path, name: toDisplayName(name), bytes, sha256 };
  } catch (error) {
    if (!(error instanceof CutroomError)) throw error;
    throw new CutroomError(error.code, { ...error.details, errors: [{ pointer: '/url', detail: error.message }] });
  }
}

/** The last part of the path is what people call a file; everything else of an address may be secret. */
export function nameOfUrl(url: string): string {
  return toDisplayName(new URL(url).pathname.split('/').at(-1) || 'video');
}
