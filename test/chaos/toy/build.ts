import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ensureBuilt } from '../../../scripts/setup/build.mjs';
import { root } from '../../helpers/tools.ts';

const files = ['ledger', 'pipeline', 'stages', 'worker'];

/** The toy worker as plain JavaScript beside the built programs: killed by the dozen, it must start quickly. Gives its path. */
export function buildToyWorker(): string {
  ensureBuilt(root);
  const folder = join(root, '.runtime/toy');
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const source = readFileSync(join(root, `test/chaos/toy/${file}.ts`), 'utf8');
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    });
    const text = outputText.replaceAll("'../../../apps/", "'../../dist/apps/").replace(/(from '\.[^']*)\.ts'/g, "$1.js'");
    const draft = join(folder, `${file}.js.${process.pid}`);
    writeFileSync(draft, text);
    renameSync(draft, join(folder, `${file}.js`)); // another run may be starting workers right now
  }
  return join(folder, 'worker.js');
}
