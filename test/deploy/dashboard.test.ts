import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTelemetry } from '#runtime/telemetry';
import { generatedFiles } from '../../scripts/generated-files.ts';
import { beBusy } from '../helpers/busy-telemetry.ts';
import { queriesOf, readDashboard } from '../helpers/dashboard.ts';
import { runProgram } from '../helpers/programs.ts';
import { findPrometheus, prometheusMissing } from '../helpers/prometheus.ts';
import { checkExpressions } from '../helpers/promtool.ts';
import { root } from '../helpers/tools.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const rules: { record?: string; expr: string }[] = parse(read('deploy/prometheus/rules.yml')).groups.flatMap(
  (group: { rules: unknown[] }) => group.rules,
);
const scaling = ['prepare', 'ai', 'render', 'deliver'].map((pool) => read(`deploy/kubernetes/base/pools/${pool}/scaled-object.yaml`));

describe('generated files', () => {
  it.each(Object.entries(generatedFiles()))('%s is what npm run generate writes', (path, text) => {
    expect(read(path)).toBe(text);
  });
});

describe('the dashboard', () => {
  const dashboard = readDashboard();

  it('has rows for what an operator asks, and panels that neither overlap nor leave gaps', () => {
    expect(dashboard.rows).toBeGreaterThanOrEqual(8);
    const cells = dashboard.all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    const bottom = Math.max(...dashboard.all.map(({ gridPos: { y, h } }) => y + h));
    expect(cells.length).toBe(24 * bottom);
    expect(new Set(dashboard.all.map(({ id }) => id)).size).toBe(dashboard.all.length);
  });

  it('asks in the language of Prometheus', async ({ skip }) => {
    skip(!(await findPrometheus()), prometheusMissing);
    const expressions = queriesOf(dashboard.panels).map(({ expr }) => expr);
    expect(await checkExpressions(expressions)).toMatchObject({ status: 0 });
    expect((await checkExpressions([...expressions, 'sum by (x (y)'])).status).not.toBe(0);
  });

  it('and the rules and scaling queries name only metrics that exist', () => {
    const asked = [...queriesOf(dashboard.panels), ...rules].flatMap(({ expr }) => metricsIn(expr)).concat(scaling.flatMap(metricsIn));
    expect(asked.length).toBeGreaterThan(60);
    expect([...new Set(asked)].filter((name) => !existingMetrics().has(name))).toEqual([]);
  });

  it('is where Grafana looks for it', () => {
    const { providers } = parse(read('deploy/grafana/provisioning/dashboards/cutroom.yml'));
    const { services } = parse(read('docker-compose.yml'), { merge: true });
    expect(services.grafana.volumes).toContain(`./deploy/grafana/dashboards:${providers[0].options.path}:ro`);
    expect(services.grafana.environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH).toBe(`${providers[0].options.path}/overview.json`);
    const { datasources } = parse(read('deploy/grafana/provisioning/datasources/prometheus.yml'));
    expect(datasources[0].url).toBe('http://prometheus:9090');
  });
});

describe('what /metrics answers', () => {
  it('follows the rules of Prometheus for names and help', async ({ skip }) => {
    const tools = await findPrometheus();
    skip(!tools, prometheusMissing);
    const telemetry = createTelemetry({ processMetrics: false });
    beBusy(telemetry);
    const input = await telemetry.registry.metrics();
    expect(await runProgram(tools!.promtool, ['check', 'metrics'], { input })).toMatchObject({ status: 0, stderr: '' });
  });
});

const metricsIn = (expression: string) => expression.match(/\b(?:cutroom|nodejs|process)_\w+|\b\w+:\w+:\w+\b/g) ?? [];

function existingMetrics(): Set<string> {
  const declared = createTelemetry().registry.getMetricsAsArray();
  const series = declared.flatMap(({ name, type }) =>
    String(type) === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  );
  return new Set([...series, ...rules.flatMap(({ record }) => record ?? [])]);
}
