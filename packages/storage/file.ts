import { mkdir, open, readFile, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { orNull, removeEmptyFolders, statFile, sweepLeftovers } from './disk.ts';
import { toStorageError } from './faults.ts';
import { checkKey, checkPrefix } from './keys.ts';
import { createPlacer } from './placer.ts';
import { defaultListLimit, type Storage } from './storage.ts';
import { walkKeys } from './walk.ts';

/** A temporary file untouched for so long belongs to a dead writer. */
const leftoverAgeMs = 3_600_000;

/**
 * Storage on a local disk: `<root>/objects/<key>`, written below `<root>/tmp` first. Several processes may share a root.
 * A key appears by one hard link of a flushed file, so a reader sees all of it or nothing, whatever dies when.
 */
export async function createFileStorage(root: string): Promise<Storage> {
  const objects = join(root, 'objects');
  const temporary = join(root, 'tmp');
  await mkdir(objects, { recursive: true });
  await mkdir(temporary, { recursive: true });
  await sweepLeftovers(temporary, leftoverAgeMs);

  const pathOf = (key: string) => join(objects, checkKey(key));
  const placer = createPlacer(temporary);

  return translated({
    get: (key) => orNull(() => readFile(pathOf(key))),
    put: (key, bytes) => placer.replace(pathOf(key), bytes),
    create: (key, bytes) => placer.create(pathOf(key), bytes),
    async delete(key) {
      const path = pathOf(key);
      await orNull(() => unlink(path));
      await removeEmptyFolders(dirname(path), objects);
    },
    async list(prefix, { after = '', limit = defaultListLimit } = {}) {
      const keys: string[] = [];
      if (limit < 1) return keys;
      for await (const key of walkKeys({ root: objects, prefix: checkPrefix(prefix), after })) {
        if (keys.push(key) === limit) break;
      }
      return keys;
    },
    stat: (key) => orNull(() => statFile(pathOf(key))),
    async read(key, range) {
      const path = pathOf(key);
      await statFile(path);
      return (await open(path)).createReadStream(range);
    },
    async putFile(key, path, signal) {
      signal.throwIfAborted();
      await placer.give({ from: path, to: pathOf(key), signal });
    },
    async openFile(key, signal) {
      signal.throwIfAborted();
      const path = pathOf(key);
      await statFile(path);
      return path;
    },
    async usage() {
      let bytes = 0;
      for await (const key of walkKeys({ root: objects, prefix: '', after: '' })) {
        bytes += (await orNull(() => statFile(pathOf(key))))?.bytes ?? 0;
      }
      const { bavail, bsize } = await statfs(objects);
      return { bytes, freeBytes: bavail * bsize };
    },
    close: async () => {},
  });
}

/** Every method's system errors leave as rows of the error table. */
function translated(storage: Storage): Storage {
  const methods = Object.entries(storage) as [string, (...args: unknown[]) => Promise<unknown>][];
  const entries = methods.map(([name, method]) => [
    name,
    async (...args: unknown[]) => {
      try {
        return await method(...args);
      } catch (error) {
        throw toStorageError(error);
      }
    },
  ]);
  return Object.fromEntries(entries) as Storage;
}
