import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CutroomError } from '#contracts/errors';
import { checkKey, checkPrefix } from './keys.ts';
import { defaultListLimit, type Storage } from './storage.ts';

interface Entry {
  bytes: Buffer;
  modifiedMs: number;
}

/** The same promises as the file store, without the disk: for tests and for the engine's model. Lost when the process ends. */
export function createMemoryStorage(): Storage {
  const entries = new Map<string, Entry>();
  let folder: Promise<string> | null = null;

  const find = (key: string) => entries.get(checkKey(key));
  const write = (key: string, bytes: Uint8Array) => void entries.set(checkKey(key), { bytes: Buffer.from(bytes), modifiedMs: Date.now() });
  const need = (key: string) => find(key) ?? absent();

  const createIfAbsent = (key: string, bytes: Uint8Array) => {
    if (find(key)) return false;
    write(key, bytes);
    return true;
  };

  return {
    get: async (key) => copyOf(find(key)),
    put: async (key, bytes) => write(key, bytes),
    create: async (key, bytes) => createIfAbsent(key, bytes),
    delete: async (key) => void entries.delete(checkKey(key)),
    async list(prefix, { after = '', limit = defaultListLimit } = {}) {
      checkPrefix(prefix);
      const keys = [...entries.keys()].filter((key) => key.startsWith(prefix) && key > after);
      return keys.sort().slice(0, limit);
    },
    async stat(key) {
      const entry = find(key);
      return entry ? { bytes: entry.bytes.length, modifiedMs: entry.modifiedMs } : null;
    },
    async read(key, range) {
      const { bytes } = need(key);
      return Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes], { objectMode: false });
    },
    async putFile(key, path, signal) {
      checkKey(key);
      createIfAbsent(key, await readFile(path, { signal }));
    },
    async openFile(key, signal) {
      const { bytes } = need(key);
      folder ??= mkdtemp(join(tmpdir(), 'cutroom-memory-'));
      const path = join(await folder, randomUUID());
      await writeFile(path, bytes, { signal, mode: 0o400 });
      return path;
    },
    async usage() {
      let bytes = 0;
      for (const entry of entries.values()) bytes += entry.bytes.length;
      return { bytes, freeBytes: null };
    },
    async close() {
      if (folder) await rm(await folder, { recursive: true, force: true });
      entries.clear();
    },
  };
}

function copyOf(entry: Entry | undefined): Buffer | null {
  return entry ? Buffer.from(entry.bytes) : null;
}

function absent(): never {
  throw new CutroomError('NOT_FOUND', 'There is no such key in the storage.');
}
