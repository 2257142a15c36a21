import type { Storage } from '#storage/storage';
import type { ArtifactAddress, ArtifactRecord } from '../commit.ts';
import { keysBelow } from '../keys-below.ts';
import { layout } from '../layout.ts';
import { blobsIn } from './references.ts';

/** Half of the time in which nothing is judged. */
const youngMs = 12 * 3_600_000;

export type Quarantine = ReturnType<typeof createQuarantine>;

/**
 * What nobody needs waits here before it is deleted. Whoever is about to rely on something old takes it out first, and it
 * is looked for once more right before the end: between that look and the deletion lie milliseconds, not a pass.
 */
export function createQuarantine(storage: Storage) {
  const leave = (key: string): Promise<void> => storage.delete(layout.quarantined(key));

  return {
    /** Since when it waits; from now on, when it is new here. */
    async enter(key: string, nowMs: number): Promise<number> {
      if (await storage.create(layout.quarantined(key), Buffer.from(String(nowMs)))) return nowMs;
      return Number(await storage.get(layout.quarantined(key))) || nowMs;
    },

    leave,

    /** False when a record that somebody remembers is gone by now; else it and its blobs are out of danger. */
    async rescue({ tenant, stage, key }: ArtifactAddress, { made_at, value }: ArtifactRecord): Promise<boolean> {
      if (Date.now() - Date.parse(made_at) < youngMs) return true;
      const at = layout.artifact(tenant, stage, key);
      await Promise.all([at, ...blobsIn(value).map((blob) => blob.key)].map(leave));
      return (await storage.stat(at)) !== null;
    },

    /** What waits here, below a prefix of storage keys. */
    async *waiting(prefix: string): AsyncGenerator<string> {
      for await (const key of keysBelow(storage, layout.quarantined(prefix))) yield key.slice(layout.quarantined('').length);
    },

    /** Deletes it, unless somebody took it out meanwhile. */
    async end(key: string): Promise<boolean> {
      if (!(await storage.stat(layout.quarantined(key)))) return false;
      await storage.delete(key);
      await storage.delete(layout.quarantined(key));
      return true;
    },
  };
}
