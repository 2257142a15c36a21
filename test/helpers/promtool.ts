import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ProgramRun, runProgram } from './programs.ts';
import { findPrometheus } from './prometheus.ts';

export interface ExpressionTest {
  /** In promtool's notation, one value each 15 s: `up{job="a"} 0x40`. */
  series: Record<string, string>;
  expression: string;
  /** The sum of the answer; null = there is no answer. */
  sum: number | null;
  ruleFiles?: string[];
}

/** Evaluates an expression over made-up series, after ten minutes of them, as Prometheus itself would. */
export function testExpression({ series, expression, sum, ruleFiles = [] }: ExpressionTest): Promise<ProgramRun> {
  const test = {
    interval: '15s',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [{ expr: `sum(${expression})`, eval_time: '10m', exp_samples: sum === null ? [] : [{ labels: '{}', value: sum }] }],
  };
  return withFile(stringify({ rule_files: ruleFiles, evaluation_interval: '15s', tests: [test] }), (path) =>
    runPromtool('test', 'rules', path),
  );
}

/** Each expression as a recording rule of a temporary file: the answer names those that do not parse. */
export function checkExpressions(expressions: string[]): Promise<ProgramRun> {
  const rules = expressions.map((expr, index) => ({ record: `checked:expression:${index}`, expr }));
  return withFile(stringify({ groups: [{ name: 'checked', rules }] }), (path) => runPromtool('check', 'rules', path));
}

export async function runPromtool(...args: string[]): Promise<ProgramRun> {
  const tools = await findPrometheus();
  return runProgram(tools!.promtool, args);
}

async function withFile<T>(text: string, use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-promtool-'));
  try {
    const path = join(folder, 'rules.yml');
    writeFileSync(path, text);
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
