import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.ts';

const shared = join(root, '../shared/media');

/** Real footage beside the project; it is never part of it, so tests of it say why when they are skipped. */
export const hasSharedMedia = existsSync(shared);
export const sharedMediaReason = hasSharedMedia ? '' : ' (skipped: no ../shared/media beside the project)';

/** Every file of a folder of it, by absolute path, sub-folders included; empty when there is none. */
export function listSharedMedia(folder: string): string[] {
  if (!hasSharedMedia) return [];
  const entries = readdirSync(join(shared, folder), { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
