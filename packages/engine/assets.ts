import { deriveId } from '#contracts/ids';
import type { AssetView } from '#contracts/job';
import { createBriefMemory } from '#runtime/brief-memory';
import type { Storage } from '#storage/storage';
import type { Engine } from './engine.ts';
import { createFootageCount } from './footage.ts';
import type { IndexStore } from './index-store.ts';
import { keysBelow } from './keys-below.ts';
import { layout, parseOpenKey } from './layout.ts';
import type { Outbox } from './outbox.ts';
import type { Records } from './records.ts';
import type { AssetRecord } from './types.ts';

export interface AssetsParts {
  storage: Storage;
  index: IndexStore;
  records: Records;
  file: Outbox['file'];
}

/** Uploads as the engine knows them: a record that names a blob. */
export function createAssets({ storage, index, records, file }: AssetsParts): Engine['assets'] {
  async function find(key: string): Promise<AssetRecord | null> {
    const bytes = await storage.get(key);
    return bytes && (JSON.parse(bytes.toString()) as AssetRecord);
  }

  // A record never changes; one that another process has removed is accepted that much longer, and its job still has the bytes.
  const memory = createBriefMemory(find, { keepMs: 2_000, maxEntries: 256 });
  const get = (tenant: string, id: string): Promise<AssetRecord | null> => memory.get(layout.asset(tenant, id));

  async function isInUse(tenant: string, id: string): Promise<boolean> {
    for await (const key of keysBelow(storage, layout.openJobs)) {
      const open = parseOpenKey(key);
      if (open.tenant !== tenant) continue;
      if ((await records.manifest(tenant, open.id))?.asset_id === id) return true;
    }
    return false;
  }

  return {
    get,
    usedBytes: createFootageCount(storage),

    async create(asset) {
      const { tenant, id, created_at } = asset;
      await storage.create(layout.asset(tenant, id), Buffer.from(JSON.stringify(asset)));
      await index.add(tenant, 'assets', id);
      const event_id = deriveId('evt', Date.parse(created_at), `${id} upload.completed`);
      await file(tenant, null, { event_id, type: 'upload.completed', timestamp: created_at, data: toAssetView(asset) }, null);
    },

    async list(tenant, page) {
      const ids = await index.list(tenant, 'assets', page);
      const assets = await Promise.all(ids.data.map((id) => get(tenant, id)));
      return { ...ids, data: assets.filter((asset) => asset !== null) };
    },

    async remove(tenant, id) {
      memory.forget(layout.asset(tenant, id));
      if (!(await find(layout.asset(tenant, id)))) return null;
      if (await isInUse(tenant, id)) return 'in_use';
      await storage.delete(layout.asset(tenant, id));
      memory.forget(layout.asset(tenant, id));
      await index.remove(tenant, 'assets', id);
      return 'removed';
    },
  };
}

/** Pure: what its owner sees. */
export function toAssetView({ id, name, bytes, sha256, media, created_at, expires_at }: AssetRecord): AssetView {
  return { id, name, bytes, sha256, media, created_at, expires_at };
}
