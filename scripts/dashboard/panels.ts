/** A panel as its author thinks of it; `dashboard.ts` turns it into what Grafana stores. */
export interface Panel {
  title: string;
  /** What to conclude from it; Grafana shows it behind the (i). */
  about: string;
  kind: 'number' | 'lines' | 'stacked';
  /** Grafana's name of the unit: s, bytes, percentunit, currencyUSD, short, … */
  unit: string;
  queries: readonly Query[];
  /** From here on yellow, from there on red. */
  thresholds?: { warn: number; bad: number };
  /** Fixed colours of series by legend. */
  colours?: Record<string, string>;
}

export interface Query {
  expr: string;
  /** With `{{label}}` for labels. */
  legend: string;
}

/** Panels of one row share its width evenly. */
export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** Quantile over all replicas of a histogram that has no suffix in its name. */
export function quantile(q: number, histogram: string, by: string[] = []): string {
  return `histogram_quantile(${q}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[$__rate_interval])))`;
}

export const ratePer = (label: string, counter: string): string => `sum by (${label}) (rate(${counter}[$__rate_interval]))`;

/** Part of the whole, 0 while nothing happens at all instead of a gap. */
export function share(part: string, whole: string): string {
  return `(sum(rate(${part}[$__rate_interval])) or vector(0)) / clamp_min(sum(rate(${whole}[$__rate_interval])), 1e-9)`;
}
