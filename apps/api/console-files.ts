import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface ConsoleFiles {
  /** Hash of all files: the name of the folder they are served from, so that they may be kept for ever. */
  build: string;
  /** The page itself, which names that folder. */
  page: string;
}

/** Reads the built console once. */
export function readConsole(dir: string): ConsoleFiles {
  const hash = createHash('sha256');
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
  for (const name of names) hash.update(readFileSync(name));
  const build = hash.digest('hex').slice(0, 16);
  return { build, page: readFileSync(join(dir, 'index.html'), 'utf8').replaceAll('{{build}}', build) };
}
