/** `./run bench [NAME] [--full] [--parts=NAME,…]`: measures, writes JSON, compares with the stored baseline; exit 1 when a promise or the baseline is missed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../helpers/tools.ts';
import { benchAccept } from './accept.ts';
import { benchCache } from './cache.ts';
import { benchCards } from './cards.ts';
import { benchCorpus } from './corpus.ts';
import { type BenchResult, judge } from './judge.ts';
import { benchOverhead } from './overhead.ts';
import { benchRender } from './render.ts';
import { benchSmart } from './smart.ts';
import { benchWorkers } from './workers.ts';

const benches: Record<string, (options: { full: boolean; parts: readonly string[] }) => Promise<BenchResult>> = {
  accept: benchAccept,
  overhead: benchOverhead,
  corpus: benchCorpus,
  cache: benchCache,
  cards: benchCards,
  render: benchRender,
  smart: benchSmart,
  workers: benchWorkers,
};
/** Lengths as promised instead of quick ones, where a benchmark has both. */
const full = process.argv.includes('--full');
/** Of a benchmark that has parts. */
const parts = process.argv.flatMap((argument) => (argument.startsWith('--parts=') ? argument.slice('--parts='.length).split(',') : []));

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const unknown = names.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`there is no benchmark ${unknown.join(', ')}; choose from ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}

const baselineFile = join(root, 'test/bench/baseline.json');
const baseline = JSON.parse(readFileSync(baselineFile, 'utf8')) as Record<string, Record<string, number>>;
const out = join(root, 'test/bench/out');
mkdirSync(out, { recursive: true });

let failed = false;
for (const name of names.length > 0 ? names : Object.keys(benches)) {
  process.stdout.write(`\n${name}\n`);
  const result = await (benches[name] as (typeof benches)[string])({ full, parts });
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify({ at: new Date().toISOString(), ...result }, null, 2)}\n`);
  const verdicts = judge(result, baseline[name] ?? {});
  for (const { line, passed } of verdicts) {
    process.stdout.write(`  ${passed ? 'ok  ' : 'FAIL'} ${line}\n`);
    failed ||= !passed;
  }
  for (const [label, value] of Object.entries(result.facts)) process.stdout.write(`       ${label}: ${value}\n`);
}
process.exit(failed ? 1 : 0);
