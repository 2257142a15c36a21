/** `./run chaos [NAME…] [--seed=N]`: the fault tests at full count; one line per figure, exit 1 when a promise is broken. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTools, root } from '../helpers/tools.ts';
import type { ChaosTest, Finding } from './chaos.ts';
import { t1 } from './t01-worker-deaths.ts';
import { t2 } from './t02-redis-deaths.ts';
import { t3 } from './t03-zombies.ts';
import { t4 } from './t04-partition.ts';
import { t5 } from './t05-orderly-stops.ts';
import { t6 } from './t06-starvation.ts';
import { t7 } from './t07-poison.ts';
import { t14 } from './t14-outbox.ts';
import { t18 } from './t18-idempotency.ts';
import { t20 } from './t20-outage.ts';
import { t21 } from './t21-too-fast.ts';
import { t22 } from './t22-budget.ts';
import { t23 } from './t23-cancel.ts';
import { t24 } from './t24-scale-down.ts';
import { t27 } from './t27-redis-failures.ts';
import { t28 } from './t28-memory-wall.ts';
import { t29 } from './t29-stampede.ts';
import { t30 } from './t30-poison.ts';

// biome-ignore lint/suspicious/noExplicitAny: each test has counts of its own, which only itself reads
const tests: Record<string, ChaosTest<any>> = { t1, t2, t3, t4, t5, t6, t7, t14, t18, t20, t21, t22, t23, t24, t27, t28, t29, t30 };

if (readTools().redis.kind !== 'server')
  fail('durability needs a real redis-server: the stand-in keeps nothing, so nothing would be proven', 1);

const args = process.argv.slice(2);
const names = args.filter((argument) => !argument.startsWith('-')).map((name) => name.toLowerCase());
const given = args.find((argument) => argument.startsWith('--seed='))?.slice('--seed='.length);
const seed = Number(given ?? Date.now() % 1_000_000);
const unknown = names.filter((name) => !(name in tests));
if (unknown.length > 0 || Number.isNaN(seed))
  fail(`there is no fault test ${unknown.join(', ')}; choose from ${Object.keys(tests).join(', ')}`, 2);

const out = join(root, 'test/chaos/out');
mkdirSync(out, { recursive: true });

let broken = false;
for (const name of names.length > 0 ? names : Object.keys(tests)) {
  const { title, full, run } = tests[name] as ChaosTest<object>;
  process.stdout.write(`\n${name}  ${title}  (seed ${seed}, ${JSON.stringify(full)})\n`);
  const startMs = performance.now();
  const findings = await run(full, seed);
  const seconds = Math.round((performance.now() - startMs) / 1000);
  for (const finding of findings) process.stdout.write(`${toLine(finding, seconds)}\n`);
  broken ||= findings.some(({ passed }) => !passed);
  writeFileSync(join(out, `${name}.json`), `${JSON.stringify({ at: new Date().toISOString(), seed, full, seconds, findings }, null, 2)}\n`);
}
process.exit(broken ? 1 : 0);

function toLine({ passed, what, count, target, result }: Finding, seconds: number): string {
  return `  ${passed ? 'ok  ' : 'FAIL'} ${what}: count ${count}, target ${target}, result ${result}, ${seconds} s, seed ${seed}`;
}

function fail(problem: string, code: number): never {
  process.stderr.write(`${problem}\n`);
  process.exit(code);
}
