import { open } from 'node:fs/promises';
import { headBytes, isBundle, locate, magicBytes } from './bundle.ts';
import { notAFile } from './disk.ts';

/** Where the bytes of a key lie: all of its file, or its part of a bundle. `end` is exclusive. */
export interface RecordPlace {
  start: number;
  end: number;
  bundled: boolean;
  modifiedMs: number;
}

/** Throws the system's `ENOENT` and its kin. */
export async function findRecord(key: string, path: string): Promise<RecordPlace> {
  const handle = await open(path);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw notAFile(path);
    const readHead = async (bytes: number) => {
      const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(Math.min(bytes, found.size)), position: 0 });
      return buffer.subarray(0, bytesRead);
    };
    const span = isBundle(await readHead(magicBytes)) ? locate(key, await readHead(headBytes)) : null;
    return { ...(span ?? { start: 0, end: found.size }), bundled: span !== null, modifiedMs: found.mtimeMs };
  } finally {
    await handle.close();
  }
}
