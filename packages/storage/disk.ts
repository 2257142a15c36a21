import { close, constants, fsync, open as openCallback, write as writeCallback } from 'node:fs';
import { readdir, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hasCode } from './faults.ts';

// Bare descriptors instead of FileHandles: every commit passes here, and they cost half the processor time (measured).
const openDescriptor = promisify(openCallback);
const write = promisify(writeCallback);
const sync = promisify(fsync);

/** A new file whose bytes are on the disk when this returns; its name is not yet. O_DSYNC saves a separate flush. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY, O_DSYNC } = constants;
  const descriptor = await openDescriptor(path, O_CREAT | O_EXCL | O_WRONLY | O_DSYNC, 0o644);
  try {
    for (let written = 0; written < bytes.length; ) {
      written += (await write(descriptor, bytes, written)).bytesWritten;
    }
  } finally {
    letGo(descriptor);
  }
}

/** Flushes what others wrote; works for folders too, where it makes the names in it durable. */
export async function flush(path: string): Promise<void> {
  const descriptor = await openDescriptor(path, constants.O_RDONLY);
  try {
    await sync(descriptor);
  } finally {
    letGo(descriptor);
  }
}

/** What was written is on the disk by now, so nobody waits for the closing and its answer says nothing. */
const letGo = (descriptor: number): void => close(descriptor, () => undefined);

/** Flushing a folder that a neighbour has just removed is no fault: there is nothing left in it to keep. */
export async function flushFolder(folder: string): Promise<void> {
  await orNull(() => flush(folder));
}

export async function statFile(path: string): Promise<{ bytes: number; modifiedMs: number }> {
  const found = await stat(path);
  if (!found.isFile()) throw notAFile(path);
  return { bytes: found.size, modifiedMs: found.mtimeMs };
}

/** Looks like the system's own error, so that it is handled as one. */
export function notAFile(path: string): Error {
  return Object.assign(new Error(`not a file: ${path}`), { code: 'EISDIR', syscall: 'stat' });
}

/** What is not there is null; every other fault is thrown. */
export async function orNull<T>(use: () => Promise<T>): Promise<T | null> {
  try {
    return await use();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return null;
    throw error;
  }
}

/** Removes `folder` and the ones above it, below `root`, as far as they are empty. */
export async function removeEmptyFolders(folder: string, root: string): Promise<void> {
  for (let current = folder; current.length > root.length; current = dirname(current)) {
    const removed = await rmdir(current).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}

/** Deletes the temporary files that crashed writers left behind. */
export async function sweepLeftovers(folder: string, olderThanMs: number): Promise<void> {
  const latestMs = Date.now() - olderThanMs;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await orNull(() => statFile(path));
    if (found && found.modifiedMs < latestMs) await orNull(() => unlink(path));
  }
}
