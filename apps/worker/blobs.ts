import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Blob } from '#contracts/footage';
import { layout } from '#engine/layout';
import type { Storage } from '#storage/storage';

/** Files a local file in storage under the hash of its bytes; equal bytes are kept once. */
export async function storeBlob(from: {
  storage: Storage;
  tenant: string;
  path: string;
  contentType: string;
  signal: AbortSignal;
}): Promise<Blob> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(from.path, { highWaterMark: 1 << 20 }), hash, { signal: from.signal });
  const sha256 = hash.digest('hex');
  const key = layout.blob(from.tenant, sha256);
  const { size } = await stat(from.path);
  await from.storage.delete(layout.quarantined(key)); // equal bytes may lie there and be about to go
  await from.storage.putFile(key, from.path, from.signal);
  return { key, bytes: size, sha256, content_type: from.contentType };
}
