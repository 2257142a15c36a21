import { randomUUID } from 'node:crypto';
import { CutroomError } from '#contracts/errors';
import { createFileStorage } from './file.ts';
import type { Storage } from './storage.ts';

/** `file:/path` → a store that is known to honour conditional creates. Throws `CAPABILITY_MISSING` otherwise. */
export async function createStorage(url: string): Promise<Storage> {
  const storage = await openStorage(url);
  try {
    await probeConditionalCreate(storage);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function openStorage(url: string): Promise<Storage> {
  if (url.startsWith('file:/')) return createFileStorage(url.slice('file:'.length));
  if (url.startsWith('s3:')) throw new CutroomError('CAPABILITY_MISSING', 'This version stores in local files only; use file:/path.');
  throw new CutroomError('CAPABILITY_MISSING', 'The storage address must be file:/path.');
}

/**
 * Some stores accept a conditional write and overwrite all the same; every commit would then be a race. So one key is
 * created twice before the first real use.
 */
export async function probeConditionalCreate(storage: Storage): Promise<void> {
  const key = `probe/${randomUUID()}`;
  const first = await storage.create(key, Buffer.from('first'));
  const second = await storage.create(key, Buffer.from('second'));
  const kept = (await storage.get(key))?.toString();
  await storage.delete(key);
  if (first && !second && kept === 'first') return;
  throw new CutroomError('CAPABILITY_MISSING', 'The storage does not honour create-if-absent; results could be lost. Use another one.');
}
