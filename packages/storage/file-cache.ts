import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { orNull } from './disk.ts';

export interface FileCache {
  /** Absolute path of a whole local copy. */
  open(key: string, signal: AbortSignal): Promise<string>;
}

/** A path that was handed out this recently may still be read from: longer than any one run of a media tool. */
const inUseMs = 2 * 3_600_000;

/**
 * Local copies of remote files, fetched once per machine. Their sum stays below `maxBytes` by dropping the ones opened
 * longest ago; only copies that may be in use are spared. Several processes may share the folder: a copy appears whole.
 */
export function createFileCache(
  { dir, maxBytes }: { dir: string; maxBytes: number },
  load: (key: string, path: string) => Promise<void>,
  now: () => number = Date.now,
): FileCache {
  const fetching = new Map<string, Promise<void>>();

  const fetch = async (key: string, path: string) => {
    const part = join(dir, `${randomUUID()}.part`);
    try {
      await mkdir(dir, { recursive: true });
      await load(key, part);
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
    await dropOldest({ dir, maxBytes, nowMs: now() });
  };

  return {
    async open(key, signal) {
      const path = join(dir, createHash('sha256').update(key).digest('hex'));
      if (await touch(path, now())) return path;
      const shared = fetching.get(path) ?? fetch(key, path).finally(() => fetching.delete(path));
      fetching.set(path, shared);
      await untilAborted(shared, signal);
      return path;
    },
  };
}

/** Marks as used now; false when there is no copy. */
async function touch(path: string, nowMs: number): Promise<boolean> {
  const marked = await orNull(() => utimes(path, nowMs / 1000, nowMs / 1000).then(() => true));
  return marked ?? false;
}

async function dropOldest({ dir, maxBytes, nowMs }: { dir: string; maxBytes: number; nowMs: number }): Promise<void> {
  const names = await readdir(dir);
  const found = await Promise.all(names.map((name) => orNull(async () => ({ path: join(dir, name), ...(await sizeOf(join(dir, name))) }))));
  const copies = found.filter((copy) => copy !== null).sort((a, b) => a.usedMs - b.usedMs);
  let excess = copies.reduce((sum, { bytes }) => sum + bytes, 0) - maxBytes;
  for (const { path, bytes, usedMs } of copies) {
    if (excess <= 0 || nowMs - usedMs < inUseMs) return;
    await rm(path, { force: true });
    excess -= bytes;
  }
}

async function sizeOf(path: string): Promise<{ bytes: number; usedMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { bytes: size, usedMs: mtimeMs };
}

/** The fetch goes on for whoever else waits for it; this caller need not. */
function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
