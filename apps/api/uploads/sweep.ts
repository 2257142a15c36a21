import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#runtime/log';
import type { FinishUpload } from './finish.ts';
import { listUploads, removeBytes, removeUpload, type StoredUpload } from './records.ts';
import { expiryMs } from './tus.ts';

export interface SweepParts {
  /** Holds one folder per tenant. */
  dir: string;
  finish: FinishUpload;
  log: Pick<Logger, 'warn'>;
  now?: () => number;
}

/** A record without bytes answers 410 for so long. */
const rememberedMs = 7 * 24 * 3_600_000;

/**
 * Ends what is older than a day: partial uploads lose their bytes, complete ones that a crash kept from becoming assets
 * become assets now. How far an upload is, is read from the file's size and nothing else. (`deleteExpired()` of the
 * store trusts an offset that is never written, and deletes finished uploads.)
 */
export async function sweepUploads({ dir, finish, log, now = Date.now }: SweepParts): Promise<void> {
  for (const tenant of await readdir(dir).catch(() => [])) {
    const folder = join(dir, tenant);
    for (const upload of await listUploads(folder)) {
      await settle(tenant, folder, upload).catch((error: unknown) =>
        log.warn({ err: error, id: upload.info.id }, 'an upload could not be swept'),
      );
    }
  }

  async function settle(tenant: string, folder: string, { info, bytes }: StoredUpload): Promise<void> {
    const { id } = info;
    const ageMs = now() - Date.parse(info.creation_date ?? '');
    if (!(ageMs > expiryMs)) return;
    if (bytes < 0) {
      if (ageMs > rememberedMs) await removeUpload(folder, id);
    } else if (bytes !== info.size) await removeBytes(folder, id);
    else {
      await finish({ tenant, dir: folder, id, metadata: info.metadata ?? {} });
      await removeUpload(folder, id);
    }
  }
}

/** What a killed process left of multipart uploads. */
export async function sweepParts(dir: string, now: () => number = Date.now): Promise<void> {
  for (const name of (await readdir(dir)).filter((entry) => entry.endsWith('.part'))) {
    const found = await stat(join(dir, name)).catch(() => null);
    if (found && now() - found.mtimeMs > expiryMs) await rm(join(dir, name), { force: true });
  }
}
