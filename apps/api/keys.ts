import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Storage } from '#storage/storage';
import type { Scope } from './auth.ts';
import { decode, encode, places } from './places.ts';

/** What is kept of a key: never the key itself. */
export interface KeyRecord {
  v: 1;
  id: string;
  sha256: string;
  tenant: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  revoked_at: string | null;
}

export type Keys = ReturnType<typeof createKeys>;

/** A revoked key is refused everywhere after at most this long: what was read is believed no longer. */
const believedMs = 3_000;
const maxBelieved = 10_000;

export function createKeys(storage: Storage, now: () => number = Date.now) {
  const believed = new Map<string, { key: KeyRecord; untilMs: number }>();

  const read = async (id: string) => decode<KeyRecord>(await storage.get(places.key(id)));

  return {
    async find(sha256: string): Promise<KeyRecord | null> {
      const known = believed.get(sha256);
      if (known && known.untilMs > now()) return known.key;
      believed.delete(sha256);
      const pointer = await storage.get(places.keyHash(sha256));
      const key = pointer && (await read(pointer.toString()));
      if (!key || key.revoked_at !== null || !timingSafeEqual(Buffer.from(key.sha256), Buffer.from(sha256))) return null;
      if (believed.size >= maxBelieved) believed.clear();
      believed.set(sha256, { key, untilMs: now() + believedMs });
      return key;
    },

    /** The key is told here and nowhere else. */
    async create(wish: Pick<KeyRecord, 'id' | 'tenant' | 'name' | 'scopes'>): Promise<{ record: KeyRecord; key: string }> {
      const key = `ck_${randomBytes(32).toString('base64url')}`;
      const sha256 = createHash('sha256').update(key).digest('hex');
      const record: KeyRecord = { v: 1, ...wish, sha256, created_at: new Date(now()).toISOString(), revoked_at: null };
      await storage.put(places.key(record.id), encode(record));
      await storage.put(places.keyHash(sha256), Buffer.from(record.id));
      return { record, key };
    },

    /** Newest first, revoked ones too. */
    async list(): Promise<KeyRecord[]> {
      const found = await Promise.all((await storage.list(places.keys)).map(async (at) => decode<KeyRecord>(await storage.get(at))));
      return found.filter((key) => key !== null).reverse();
    },

    /** False when there is no such key; revoking twice is fine. */
    async revoke(id: string): Promise<boolean> {
      const key = await read(id);
      if (!key) return false;
      if (key.revoked_at === null) await storage.put(places.key(id), encode({ ...key, revoked_at: new Date(now()).toISOString() }));
      believed.delete(key.sha256);
      return true;
    },
  };
}
