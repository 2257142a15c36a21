import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findProgram, runProgram } from './programs.ts';
import { root } from './tools.ts';

export interface PrometheusTools {
  prometheus: string;
  promtool: string;
}

const tree = join(root, '.runtime/prometheus/tree');
const fetchTimeoutS = 60;
/** Left by a fetch that failed, so that a run without a network waits for it once and not in every test file. */
const failureMark = join(root, '.runtime/prometheus/not-fetched');
const failureCountsMs = 600_000;
let resolved: Promise<PrometheusTools | null> | undefined;

export const prometheusMissing = 'prometheus is neither on PATH nor to be had as a Debian package';

/**
 * Prometheus and promtool: from PATH, from an earlier fetch, or unpacked now from the Debian package below `.runtime`
 * (22.5 MB, about 4 s, nothing is installed). Null when this machine has none and no way to get it.
 */
export function findPrometheus(): Promise<PrometheusTools | null> {
  resolved ??= resolve();
  return resolved;
}

async function resolve(): Promise<PrometheusTools | null> {
  const known = onPath() ?? unpacked();
  if (known || failedLately()) return known;
  await fetchPackage();
  if (!unpacked()) writeFileSync(failureMark, '');
  return unpacked();
}

function onPath(): PrometheusTools | null {
  const [prometheus, promtool] = [findProgram('prometheus'), findProgram('promtool')];
  return prometheus && promtool ? { prometheus, promtool } : null;
}

function unpacked(): PrometheusTools | null {
  const tools = { prometheus: join(tree, 'usr/bin/prometheus'), promtool: join(tree, 'usr/bin/promtool') };
  return existsSync(tools.prometheus) && existsSync(tools.promtool) ? tools : null;
}

function failedLately(): boolean {
  const mark = statSync(failureMark, { throwIfNoEntry: false });
  return mark !== undefined && Date.now() - mark.mtimeMs < failureCountsMs;
}

/** In a process group of its own under `timeout`, so that a slow mirror leaves no apt behind. */
async function fetchPackage(): Promise<void> {
  mkdirSync(dirname(failureMark), { recursive: true });
  const timeout = findProgram('timeout');
  if (!timeout) return;
  const apt = JSON.stringify(pathToFileURL(join(root, 'scripts/setup/apt.mjs')).href);
  const request = JSON.stringify({ runtimeDir: join(root, '.runtime'), name: 'prometheus', packages: ['prometheus'] });
  const program = `const { hasApt, unpackPackages } = await import(${apt}); if (hasApt()) await unpackPackages(${request});`;
  await runProgram(timeout, ['-k', '1', String(fetchTimeoutS), process.execPath, '--input-type=module', '-e', program]);
  rmSync(join(tree, 'usr/share'), { recursive: true, force: true });
}
