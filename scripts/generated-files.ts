import { errorTable } from '#contracts/errors';
import { toEnvExample } from '#runtime/config-variables';
import { createTelemetry } from '#runtime/telemetry';
import { toDashboard } from './dashboard/dashboard.ts';
import { overview } from './dashboard/overview.ts';
import { toErrorsPage } from './errors-page.ts';
import { toMetricsPage } from './metrics-page.ts';

/** Path from the project's root → its text. */
export function generatedFiles(): Record<string, string> {
  const dashboard = toDashboard({ title: 'cutroom overview', uid: 'cutroom-overview', rows: overview });
  return {
    '.env.example': toEnvExample(),
    'deploy/grafana/dashboards/overview.json': `${JSON.stringify(dashboard, null, 2)}\n`,
    'docs/errors.md': toErrorsPage(errorTable),
    'docs/metrics.md': toMetricsPage(createTelemetry({ processMetrics: false }).registry),
  };
}
