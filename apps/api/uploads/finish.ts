import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CutroomError } from '#contracts/errors';
import type { ApiDeps } from '../deps.ts';
import { ingest } from '../ingest.ts';
import { toDisplayName } from '../receive-upload.ts';
import { removeUpload } from './records.ts';

export interface CompleteUpload {
  tenant: string;
  dir: string;
  id: string;
  metadata: Record<string, string | null>;
}

export type FinishUpload = (upload: CompleteUpload) => Promise<void>;

/**
 * The last byte is here: checked against the caller's hash, looked at, filed as the asset of the same id; the caller
 * removes the upload then. What can never become an asset is removed here; what our own fault held up stays, and an empty
 * PATCH at the end tries again.
 */
export function createFinish(deps: ApiDeps, closing: AbortSignal): FinishUpload {
  return async ({ tenant, dir, id, metadata }) => {
    const path = join(dir, id);
    try {
      const measured = await measure(path, closing);
      const promised = metadata['sha256']?.trim().toLowerCase();
      if (promised && promised !== measured.sha256)
        throw new CutroomError('CHECKSUM_MISMATCH', 'The SHA-256 of the whole file is another one.');
      const name = toDisplayName(metadata['filename'] ?? metadata['name'] ?? '');
      await ingest(deps, { id, tenant, file: { path, name, ...measured }, signal: closing });
    } catch (error) {
      if (error instanceof CutroomError && error.row.disposition === 'fail') await removeUpload(dir, id);
      throw error;
    }
  };
}

async function measure(path: string, signal: AbortSignal): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const count = async (source: AsyncIterable<Buffer>) => {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
    }
  };
  await pipeline(createReadStream(path, { highWaterMark: 1_048_576 }), count, { signal });
  return { bytes, sha256: hash.digest('hex') };
}
