import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

export interface Tools {
  redis: { kind: 'server' | 'stand-in'; path: string; version: string };
  ffmpeg: { path: string; version: string };
  ffprobe: { path: string; version: string };
}

/** What `./run` found or installed on this machine. Throws with the way out when it has never run here. */
export function readTools(): Tools {
  try {
    const record = JSON.parse(readFileSync(join(root, '.runtime/tools.json'), 'utf8')) as Tools & { root: string };
    if (record.root === root && record.redis) return record;
  } catch {}
  throw new Error('.runtime/tools.json is missing or from another folder: run `./run test` once, it resolves Redis and ffmpeg.');
}
