import type { Storage } from '#storage/storage';
import { keysBelow } from './keys-below.ts';
import { layout } from './layout.ts';
import type { AssetRecord } from './types.ts';

/** Bytes of a tenant's assets. Records never change, so each is read once; those that are gone no longer count. */
export function createFootageCount(storage: Storage): (tenant: string) => Promise<number> {
  const tenants = new Map<string, Map<string, number>>();

  const bytesOf = async (key: string): Promise<number> => {
    const bytes = await storage.get(key);
    return bytes ? (JSON.parse(bytes.toString()) as AssetRecord).bytes : 0;
  };

  return async (tenant) => {
    const before = tenants.get(tenant);
    const now = new Map<string, number>();
    for await (const key of keysBelow(storage, layout.assets(tenant))) now.set(key, before?.get(key) ?? (await bytesOf(key)));
    tenants.set(tenant, now);
    return [...now.values()].reduce((sum, bytes) => sum + bytes, 0);
  };
}
