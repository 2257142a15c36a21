import type { Storage } from '#storage/storage';

const pageSize = 500;

/** All keys that begin with `prefix`, page after page, strictly behind `after`. */
export async function* keysBelow(storage: Storage, prefix: string, after?: string): AsyncGenerator<string> {
  for (let last = after; ; ) {
    const keys = await storage.list(prefix, { limit: pageSize, ...(last ? { after: last } : {}) });
    yield* keys;
    if (keys.length < pageSize) return;
    last = keys.at(-1);
  }
}
