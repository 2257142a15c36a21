import { CutroomError } from '#contracts/errors';
import { layout } from '#engine/layout';
import type { AssetRecord } from '#engine/types';
import type { ApiDeps } from './deps.ts';
import { checkQuota } from './quota.ts';
import type { ReceivedFile } from './receive-upload.ts';

export interface Ingest {
  id: string;
  tenant: string;
  file: ReceivedFile;
  signal: AbortSignal;
}

/**
 * A file on our disk becomes an asset: looked at, filed under its hash, recorded. The file is given away. Again with the
 * same id it gives what is there.
 */
export async function ingest(deps: ApiDeps, { id, tenant, file, signal }: Ingest): Promise<AssetRecord> {
  const known = await deps.engine.assets.get(tenant, id);
  if (known) {
    await deps.engine.assets.create(known);
    return known;
  }
  if (file.bytes === 0) throw new CutroomError('SOURCE_UNREADABLE', 'The file is empty.');
  await checkQuota(deps, tenant, file.bytes);
  const media = await deps.inspect(file.path, { signal });
  const blob = layout.blob(tenant, file.sha256);
  await deps.storage.delete(layout.quarantined(blob)); // equal bytes may lie there and be about to go
  await deps.storage.putFile(blob, file.path, signal);
  const nowMs = Date.now();
  const asset: AssetRecord = {
    v: 1,
    id,
    tenant,
    name: file.name,
    bytes: file.bytes,
    sha256: file.sha256,
    blob,
    media,
    created_at: new Date(nowMs).toISOString(),
    expires_at: new Date(nowMs + deps.limits.retentionDays * 86_400_000).toISOString(),
  };
  await deps.engine.assets.create(asset);
  return asset;
}
