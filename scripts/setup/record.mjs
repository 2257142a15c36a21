import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';

/** `.runtime/tools.json` of this very folder and machine, or null: a record that came with a moved or copied clone is not believed. */
export function readRecord({ runtimeDir, root }) {
  try {
    const record = JSON.parse(readFileSync(join(runtimeDir, 'tools.json'), 'utf8'));
    return record.root === root ? record : null;
  } catch {
    return null;
  }
}

export function writeRecord({ runtimeDir, root }, tools) {
  mkdirSync(runtimeDir, { recursive: true });
  const draft = join(runtimeDir, `tools.json.${pid}`);
  writeFileSync(draft, `${JSON.stringify({ root, ...tools }, null, 2)}\n`);
  renameSync(draft, join(runtimeDir, 'tools.json'));
}
