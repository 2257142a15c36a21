import { randomUUID } from 'node:crypto';
import { CutroomError } from '#contracts/errors';
import { createFileStorage } from './file.ts';
import { createS3Storage, type LocalCopies } from './s3.ts';
import { parseS3Address } from './s3-address.ts';
import type { Storage } from './storage.ts';

/**
 * `file:/path` or `s3://bucket/prefix?…` → a store that is known to honour conditional creates. Throws
 * `CAPABILITY_MISSING` otherwise. `copies` is where remote files are opened.
 */
export async function createStorage(url: string, copies: LocalCopies): Promise<Storage> {
  const storage = await openStorage(url, copies);
  try {
    await probeConditionalCreate(storage);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function openStorage(url: string, copies: LocalCopies): Promise<Storage> {
  if (url.startsWith('file:/')) return createFileStorage(url.slice('file:'.length));
  if (url.startsWith('s3:')) return createS3Storage(parseS3Address(url), copies);
  throw new CutroomError('CAPABILITY_MISSING', 'The storage address must be file:/path or s3://bucket/prefix.');
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
