import { createHash } from 'node:crypto';
import { mkdir, open, readFile, statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { CutroomError } from '#contracts/errors';
import { buildBundle, type Entry, extract, maxBundleEntryBytes, toFileBytes } from './bundle.ts';
import { createBundler } from './bundler.ts';
import { orNull, removeEmptyFolders, sweepLeftovers } from './disk.ts';
import { toStorageError } from './faults.ts';
import { checkKey, checkPrefix } from './keys.ts';
import { createPlacer } from './placer.ts';
import { findRecord } from './record.ts';
import { defaultListLimit, type Storage } from './storage.ts';
import { walkKeys } from './walk.ts';

/** A temporary file untouched for so long belongs to a dead writer. */
const leftoverAgeMs = 3_600_000;

/**
 * Storage on a local disk: `<root>/objects/<key>`, written below `<root>/tmp` first. Several processes may share a root.
 * A key appears by one hard link of a flushed file, so a reader sees all of it or nothing, whatever dies when. Small
 * records that are created at the same moment share that file: see `bundle.ts`.
 */
export async function createFileStorage(root: string): Promise<Storage> {
  const objects = join(root, 'objects');
  const temporary = join(root, 'tmp');
  await mkdir(objects, { recursive: true });
  await mkdir(temporary, { recursive: true });
  await sweepLeftovers(temporary, leftoverAgeMs);

  const pathOf = (key: string) => `${objects}/${checkKey(key)}`;
  const placer = createPlacer(temporary);
  const write = (entries: readonly Entry[]) => {
    const [first] = entries as [Entry];
    const bytes = entries.length === 1 ? toFileBytes(first) : buildBundle(entries);
    return placer.create(
      entries.map(({ key }) => pathOf(key)),
      bytes,
    );
  };
  const bundle = createBundler(write);

  return translated({
    async get(key) {
      const file = await orNull(() => readFile(pathOf(key)));
      return file && extract(key, file);
    },
    put: (key, bytes) => placer.replace(pathOf(key), toFileBytes({ key, bytes })),
    async create(key, bytes) {
      checkKey(key);
      if (bytes.length <= maxBundleEntryBytes) return bundle({ key, bytes });
      const [created] = await write([{ key, bytes }]);
      if (created instanceof Error) throw created;
      return created === true;
    },
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
    async stat(key) {
      const record = await orNull(() => findRecord(key, pathOf(key)));
      return record && { bytes: record.end - record.start, modifiedMs: record.modifiedMs };
    },
    async read(key, range) {
      const path = pathOf(key);
      const { bundled, start, end } = await findRecord(key, path);
      if (!bundled) return (await open(path)).createReadStream(range);
      return Readable.from([(await readFile(path)).subarray(start, end).subarray(range?.start, range && range.end + 1)]);
    },
    async putFile(key, path, signal) {
      signal.throwIfAborted();
      const to = pathOf(key);
      if ((await findRecord(key, path)).bundled)
        throw new CutroomError('REQUEST_INVALID', 'The file passes itself off as one of the storage.');
      await placer.give({ from: path, to, signal });
    },
    async openFile(key, signal) {
      signal.throwIfAborted();
      const path = pathOf(key);
      const { bundled, start, end } = await findRecord(key, path);
      if (!bundled) return path;
      // Rare: files are given, not created. The copy stays until the leftovers are swept.
      const copy = join(temporary, createHash('sha256').update(key).digest('hex'));
      await placer.replace(copy, (await readFile(path)).subarray(start, end));
      return copy;
    },
    async usage() {
      let bytes = 0;
      for await (const key of walkKeys({ root: objects, prefix: '', after: '' })) {
        const record = await orNull(() => findRecord(key, pathOf(key)));
        if (record) bytes += record.end - record.start;
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
