import type { Registry } from 'prom-client';

interface Declared {
  name: string;
  help: string;
  type: string;
  labelNames: string[];
}

/** The text of `docs/metrics.md`: every metric of a registry by name, with its labels and what it says. */
export function toMetricsPage(registry: Registry): string {
  const declared = registry.getMetricsAsArray() as unknown as Declared[];
  const rows = declared
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, type, labelNames, help }) => {
      const labels = labelNames.map((label) => `\`${label}\``).join(', ');
      return `| \`${name}\` | ${type} | ${labels || '–'} | ${help} |`;
    });
  return `${introduction}\n| metric | type | labels | what it says |\n|---|---|---|---|\n${rows.join('\n')}\n`;
}

const introduction = `# Metrics

Every process answers \`GET /metrics\` in the format of Prometheus, with these and with Node's own (\`process_*\`, \`nodejs_*\`).
No label holds an id, so the number of series stays small. The figures of the queues describe Redis, not a process: one process
exports them, and when it stops they vanish instead of freezing. Take their \`max\`, never their \`sum\`.

This page is made of \`packages/runtime/telemetry.ts\`; \`npm run generate\` writes it anew.
`;
