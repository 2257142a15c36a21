import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode } from './faults.ts';

export interface Walk {
  root: string;
  prefix: string;
  after: string;
}

/** The keys of a folder tree in byte order, reading only folders that can hold a wanted key. */
export async function* walkKeys({ root, prefix, after }: Walk): AsyncGenerator<string> {
  const start = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  const wanted = (key: string) => key.startsWith(prefix) && key > after;
  const mayHold = (folder: string) =>
    (folder.startsWith(prefix) || prefix.startsWith(folder)) && (folder > after || after.startsWith(folder));

  async function* visit(folder: string): AsyncGenerator<string> {
    for (const name of await namesInKeyOrder(join(root, folder))) {
      const path = folder + name;
      if (!name.endsWith('/')) {
        if (wanted(path)) yield path;
      } else if (mayHold(path)) yield* visit(path);
    }
  }
  yield* visit(start);
}

/** A folder sorts by its name and a slash, as its keys do: `a-1` < `a/1` < `a0`. */
async function namesInKeyOrder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}
