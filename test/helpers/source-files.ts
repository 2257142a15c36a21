import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.ts';

export interface SourceFile {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
  lines: number;
  /** What it imports, statically or not, types too: as written. */
  imports: string[];
}

const statement = /(?:\bfrom|\bimport|\bresolve\(|\bimport\()\s*'([^'\n]+)'/g;

/** Every TypeScript file below a folder. */
export function readSources(folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return readSources(path);
    return path.endsWith('.ts') ? [toSourceFile(path, readFileSync(join(root, path), 'utf8'))] : [];
  });
}

export function toSourceFile(path: string, text: string): SourceFile {
  const imports = [...text.matchAll(statement)].map((match) => match[1]!);
  return { path, text, lines: text.split('\n').length - 1, imports };
}
