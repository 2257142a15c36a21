import { CutroomError } from '#contracts/errors';
import type { Storage } from '#storage/storage';
import type { Engine } from './engine.ts';
import type { IndexStore } from './index-store.ts';
import { layout, parseOpenKey } from './layout.ts';
import type { Records } from './records.ts';
import type { AssetRecord } from './types.ts';

/** Uploads as the engine knows them: a record that names a blob. */
export function createAssets({ storage, index, records }: { storage: Storage; index: IndexStore; records: Records }): Engine['assets'] {
  async function get(tenant: string, id: string): Promise<AssetRecord | null> {
    const bytes = await storage.get(layout.asset(tenant, id));
    return bytes ? (JSON.parse(bytes.toString()) as AssetRecord) : null;
  }

  async function isInUse(tenant: string, id: string): Promise<boolean> {
    for (const key of await storage.list(layout.openJobs)) {
      const open = parseOpenKey(key);
      if (open.tenant !== tenant) continue;
      if ((await records.manifest(tenant, open.id))?.asset_id === id) return true;
    }
    return false;
  }

  return {
    get,

    async create(asset) {
      const created = await storage.create(layout.asset(asset.tenant, asset.id), Buffer.from(JSON.stringify(asset)));
      if (!created) throw new CutroomError('INTERNAL', 'The asset exists already.');
      await index.add(asset.tenant, 'assets', asset.id);
    },

    async list(tenant, page) {
      const ids = await index.list(tenant, 'assets', page);
      const assets = await Promise.all(ids.data.map((id) => get(tenant, id)));
      return { ...ids, data: assets.filter((asset) => asset !== null) };
    },

    async remove(tenant, id) {
      if (!(await get(tenant, id))) return null;
      if (await isInUse(tenant, id)) return 'in_use';
      await storage.delete(layout.asset(tenant, id));
      await index.remove(tenant, 'assets', id);
      return 'removed';
    },
  };
}
