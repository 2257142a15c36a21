import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What @tus/file-store keeps beside the bytes. */
export interface UploadInfo {
  id: string;
  /** Missing while the length is deferred. */
  size?: number;
  metadata?: Record<string, string | null>;
  creation_date?: string;
}

export interface StoredUpload {
  info: UploadInfo;
  /** On the disk, which alone tells how far it is; -1 = the bytes are gone. */
  bytes: number;
}

/** All uploads of one tenant, read in slices so that thousands of them hold nobody up. */
export async function listUploads(dir: string): Promise<StoredUpload[]> {
  const names = (await readdir(dir).catch(() => [])).filter((name) => name.endsWith('.json'));
  const found: StoredUpload[] = [];
  for (let start = 0; start < names.length; start += 100) {
    const slice = await Promise.all(names.slice(start, start + 100).map((name) => readUpload(dir, name.slice(0, -'.json'.length))));
    found.push(...slice.filter((upload) => upload !== null));
  }
  return found;
}

export async function readUpload(dir: string, id: string): Promise<StoredUpload | null> {
  try {
    const info = JSON.parse(await readFile(join(dir, `${id}.json`), 'utf8')) as UploadInfo;
    const bytes = await stat(join(dir, id)).then(
      ({ size }) => size,
      () => -1,
    );
    return { info, bytes };
  } catch {
    return null;
  }
}

export async function removeUpload(dir: string, id: string): Promise<void> {
  await removeBytes(dir, id);
  await rm(join(dir, `${id}.json`), { force: true });
}

/** The record stays for a while, so that the answer is 410 and not 404. */
export const removeBytes = (dir: string, id: string): Promise<void> => rm(join(dir, id), { force: true });
