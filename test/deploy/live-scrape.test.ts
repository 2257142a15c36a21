import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { createTelemetry } from '#runtime/telemetry';
import { beBusy } from '../helpers/busy-telemetry.ts';
import { queriesOf, readDashboard } from '../helpers/dashboard.ts';
import { findPrometheus, prometheusMissing } from '../helpers/prometheus.ts';
import { root } from '../helpers/tools.ts';

interface Answer {
  title: string;
  legend: string;
  expr: string;
  values: number[];
}

const answerTimeoutMs = 30_000;

/** With `SHOW_DASHBOARD=1` it prints every query and its answer. */
it('every query of the dashboard is answered by a live scrape', async ({ skip }) => {
  const tools = await findPrometheus();
  skip(!tools, prometheusMissing);
  await using metrics = await serveMetrics();
  await using prometheus = await startPrometheus(tools!.prometheus, metrics.port);
  const answers = await answersOf(prometheus.url);
  if (process.env['SHOW_DASHBOARD'])
    console.table(answers.map(({ title, legend, values }) => ({ title, legend, values: values.map(round).join(' ') })));
  expect(answers.filter(({ values }) => values.length === 0 || !values.every(Number.isFinite))).toEqual([]);
  expect(answers.length).toBeGreaterThan(30);
});

/** Rates need two scrapes, and rules one evaluation after them: asked again until all is there or the time is up. */
async function answersOf(url: string): Promise<Answer[]> {
  const queries = queriesOf(readDashboard().panels);
  const deadline = Date.now() + answerTimeoutMs;
  for (;;) {
    const answers = await Promise.all(queries.map(async (query) => ({ ...query, values: await ask(url, query.expr) })));
    if (answers.every(({ values }) => values.length > 0 && values.every(Number.isFinite)) || Date.now() > deadline) return answers;
    await delay(500); // the next scrape is the event, and Prometheus announces none
  }
}

async function ask(url: string, expression: string): Promise<number[]> {
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query: expression }) });
  if (!response.ok) return [];
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
  return data.result.map(({ value }) => Number(value[1]));
}

async function serveMetrics() {
  const telemetry = createTelemetry();
  const server = createServer(async (_request, response) => {
    beBusy(telemetry);
    response.setHeader('content-type', telemetry.registry.contentType).end(await telemetry.registry.metrics());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const close = async () => {
    server.closeAllConnections();
    await once(server.close(), 'close');
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}

async function startPrometheus(program: string, scrapedPort: number) {
  const dir = mkdtempSync(join(tmpdir(), 'cutroom-prometheus-'));
  writeFileSync(
    join(dir, 'prometheus.yml'),
    stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [join(root, 'deploy/prometheus/rules.yml')],
      scrape_configs: [{ job_name: 'cutroom', static_configs: [{ targets: [`127.0.0.1:${scrapedPort}`] }] }],
    }),
  );
  const options = [`--config.file=${dir}/prometheus.yml`, `--storage.tsdb.path=${dir}/data`, '--web.listen-address=127.0.0.1:0'];
  const child = spawn(program, options, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  const close = async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null) await once(child, 'exit');
    rmSync(dir, { recursive: true, force: true });
  };
  return { url: `http://${await listeningAddress(child.stderr)}`, [Symbol.asyncDispose]: close };
}

/** Port 0 is free for sure; the log tells which one it became. */
async function listeningAddress(log: Readable): Promise<string> {
  let text = '';
  for await (const chunk of log.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const [, address] = /Listening on".*?address=(\S+:\d+)/.exec(text) ?? [];
    if (address) {
      log.resume();
      return address;
    }
  }
  throw new Error(`prometheus ended at once: ${text}`);
}

const round = (value: number) => Number(value.toPrecision(3));
