import type { Storage } from '#storage/storage';
import type { ArtifactAddress, ArtifactRecord } from '../commit.ts';
import type { Contexts, RunContext } from '../context.ts';
import { layout } from '../layout.ts';
import { type Done, digestOfItems, ownKeyOf } from '../next.ts';

/** What an artifact record keeps alive: itself and the blobs that its value points at. */
export interface Reference {
  /** Storage key of the record. */
  at: string;
  blobs: { key: string; bytes: number }[];
  /** One of many of a stage that fans out: dear in bytes, cheap to make again. */
  isItem: boolean;
}

/** Everything that is filed for a run, finished stage after finished stage, as its own keys lead to it. */
export async function referencesOf(storage: Storage, contexts: Contexts, context: RunContext): Promise<Reference[]> {
  const references: Reference[] = [];
  const done = new Map<string, Done>();

  const look = async ({ tenant, stage, key }: ArtifactAddress, isItem: boolean): Promise<{ key: string; digest: string } | null> => {
    for (const candidate of [ownKeyOf(key, context.ref.id), key]) {
      const at = layout.artifact(tenant, stage, candidate);
      const record = parse(await storage.get(at));
      if (!record) continue;
      references.push({ at, blobs: blobsIn(record.value), isItem });
      return { key: candidate, digest: record.digest };
    }
    return null;
  };

  for (const stage of context.graph.values()) {
    if (!stage.needs.every((need) => done.has(need))) continue;
    if (stage.fanOut) {
      const items = await contexts.itemsOf(context, stage, done);
      const found = await Promise.all(items.map(async (item) => look(await contexts.addressOf(context, stage, done, item), true)));
      const whole = found.flatMap((item) => (item ? [item.digest] : []));
      if (whole.length === items.length) done.set(stage.name, { key: null, digest: digestOfItems(whole) });
    } else {
      const found = await look(await contexts.addressOf(context, stage, done), false);
      if (found) done.set(stage.name, found);
    }
  }
  return references;
}

const isBlobKey = /^t\/[^/]+\/blobs\//;

/** Pure: the blobs that a value names, however deep. */
export function blobsIn(value: unknown): { key: string; bytes: number }[] {
  if (value === null || typeof value !== 'object') return [];
  const { key, bytes } = value as { key?: unknown; bytes?: unknown };
  const own = typeof key === 'string' && isBlobKey.test(key) ? [{ key, bytes: typeof bytes === 'number' ? bytes : 0 }] : [];
  return [...own, ...Object.values(value).flatMap(blobsIn)];
}

function parse(bytes: Buffer | null): ArtifactRecord | null {
  try {
    return bytes && (JSON.parse(bytes.toString()) as ArtifactRecord);
  } catch {
    return null;
  }
}
