import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { CutroomError } from '#contracts/errors';
import { createFileCache } from './file-cache.ts';
import { checkKey, checkPrefix } from './keys.ts';
import type { S3Address } from './s3-address.ts';
import { createS3Requests, type S3Requests } from './s3-client.ts';
import { judge, persist } from './s3-faults.ts';
import { defaultListLimit, type Storage } from './storage.ts';

/** Where files lie that were opened, and how much of the disk they may take. */
export interface LocalCopies {
  dir: string;
  maxBytes: number;
}

const pageKeys = 1000;

/**
 * Storage in a bucket, for workers that share nothing else. Every write is one atomic request; a commit is a conditional
 * one (`If-None-Match: *`). Opened files are copied to a bounded folder once and shared by all processes of a machine.
 */
export async function createS3Storage(address: S3Address, copies: LocalCopies): Promise<Storage> {
  const requests = await createS3Requests(address);
  const toName = (key: string) => address.prefix + checkKey(key);
  const read: Storage['read'] = (key, range) => persist(() => requests.get(toName(key), range));
  const load = (key: string, path: string) => persist(async () => pipeline(await requests.get(toName(key)), createWriteStream(path)));
  const cache = createFileCache(copies, load);
  const find = async (key: string) => orNull(() => persist(() => requests.head(toName(key))));
  const get = async (key: string) => orNull(async () => persist(async () => buffer(await requests.get(toName(key)))));

  return {
    get: async (key) => get(checkKey(key)),
    put: async (key, bytes) => persist(() => requests.put(toName(key), bytes, { ifAbsent: false })),
    async create(key, bytes) {
      const name = toName(key);
      return persist(async (maybeDone) => {
        if (await putIfAbsent(() => requests.put(name, bytes, { ifAbsent: true }))) return true;
        // The try before may have been ours, its answer lost on the way.
        return maybeDone && ((await get(key))?.equals(bytes) ?? false);
      });
    },
    delete: async (key) => persist(() => requests.delete(toName(key))),
    async list(prefix, { after, limit = defaultListLimit } = {}) {
      const keys: string[] = [];
      const from = after === undefined ? {} : { after: address.prefix + after };
      for await (const { key } of walk(requests, address.prefix + checkPrefix(prefix), { ...from, limit })) {
        keys.push(key.slice(address.prefix.length));
      }
      return keys;
    },
    stat: async (key) => find(checkKey(key)),
    read: async (key, range) => read(checkKey(key), range),
    async putFile(key, path, signal) {
      signal.throwIfAborted();
      const name = toName(key);
      const { size } = await stat(path);
      await persist(() => putIfAbsent(() => requests.putFile(name, { path, bytes: size }, signal)), signal);
    },
    async openFile(key, signal) {
      signal.throwIfAborted();
      return cache.open(checkKey(key), signal);
    },
    async usage() {
      let bytes = 0;
      for await (const entry of walk(requests, address.prefix, { limit: Number.POSITIVE_INFINITY })) bytes += entry.bytes;
      return { bytes, freeBytes: null };
    },
    async close() {
      requests.close();
    },
  };
}

/** False when the key existed. */
async function putIfAbsent(put: () => Promise<void>): Promise<boolean> {
  try {
    await put();
    return true;
  } catch (error) {
    if (judge(error) === 'exists') return false;
    throw error;
  }
}

async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CutroomError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** Names in byte order, a page at a time; a server may give fewer than asked for and have more. */
async function* walk(requests: S3Requests, prefix: string, { after, limit }: { after?: string; limit: number }) {
  let last = after;
  for (let left = limit; left > 0; ) {
    const from = last === undefined ? {} : { after: last };
    const page = await persist(() => requests.list(prefix, { ...from, limit: Math.min(pageKeys, left) }));
    yield* page.entries;
    if (!page.more) return;
    left -= page.entries.length;
    last = page.entries.at(-1)?.key ?? last;
  }
}
