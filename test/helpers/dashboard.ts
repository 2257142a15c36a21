import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './tools.ts';

const gridPos = z.strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) });
const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('$datasource') });
const target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  editorMode: z.literal('code'),
  range: z.literal(true),
});
const thresholds = z.strictObject({
  mode: z.literal('absolute'),
  steps: z.tuple([z.object({ value: z.null() })], z.object({ color: z.string(), value: z.number() })),
});
const panelSchema = z.strictObject({
  id: z.int(),
  type: z.enum(['stat', 'timeseries']),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource,
  gridPos,
  targets: z.array(target).min(1),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({ unit: z.string(), min: z.literal(0), thresholds, custom: z.looseObject({}) }),
    overrides: z.array(z.unknown()),
  }),
  options: z.looseObject({}),
});
const rowSchema = z.strictObject({
  id: z.int(),
  type: z.literal('row'),
  title: z.string(),
  collapsed: z.literal(false),
  gridPos,
  panels: z.tuple([]),
});
const dashboardSchema = z.looseObject({
  uid: z.string(),
  schemaVersion: z.literal(39),
  templating: z.object({ list: z.tuple([z.looseObject({ name: z.literal('datasource'), type: z.literal('datasource') })]) }),
  panels: z.array(z.union([rowSchema, panelSchema])),
});

export type DashboardPanel = z.infer<typeof panelSchema>;

const dashboardPath = join(root, 'deploy/grafana/dashboards/overview.json');

/** The stored dashboard, checked against what Grafana reads of it. */
export function readDashboard() {
  const dashboard = dashboardSchema.parse(JSON.parse(readFileSync(dashboardPath, 'utf8')));
  const panels = dashboard.panels.filter((panel): panel is DashboardPanel => panel.type !== 'row');
  return { ...dashboard, rows: dashboard.panels.length - panels.length, all: dashboard.panels, panels };
}

/** One entry per query, with Grafana's variables filled in for a scrape each second. */
export function queriesOf(panels: DashboardPanel[]): { title: string; legend: string; expr: string }[] {
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({ title, legend: legendFormat, expr: expr.replaceAll('$__rate_interval', '1m') })),
  );
}
