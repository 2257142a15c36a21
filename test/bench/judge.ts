/** A measured figure and the promise that it must keep. Figures are ratios wherever the machine's speed would else decide. */
export interface Figure {
  value: number;
  /** Higher is better for `atLeast`, lower for `atMost`. */
  atLeast?: number;
  atMost?: number;
  unit: string;
}

export interface BenchResult {
  figures: Record<string, Figure>;
  /** What a reader wants beside them. */
  facts: Record<string, string | number>;
}

/** Beyond this a figure has become worse than the baseline, not merely noisy. */
const tolerance = 0.1;

/** Pure: each figure against its promise, and, where the promise leaves room, against what it once was. */
export function judge({ figures }: BenchResult, baseline: Record<string, number>): { line: string; passed: boolean }[] {
  return Object.entries(figures).map(([name, figure]) => {
    const { value, atLeast, atMost, unit } = figure;
    const before = baseline[name];
    const kept = (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
    const drift = before === undefined ? 0 : atMost === undefined ? (before - value) / before : (value - before) / before;
    const promise = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
    const memory = before === undefined ? '' : `, baseline ${before}`;
    return { line: `${name}: ${value.toFixed(3)} ${unit} (promised ${promise}${memory})`, passed: kept && drift <= tolerance };
  });
}
