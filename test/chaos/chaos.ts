/** One measured promise of a fault test. */
export interface Finding {
  what: string;
  /** How many times it was tried. */
  count: number;
  target: string;
  result: string | number;
  passed: boolean;
  /** Of a time: how often the target fits into it. */
  timesTarget?: number;
}

/** A fault test: quick and full counts run the same code. Throws only when it could not be carried out. */
export interface ChaosTest<Counts extends object> {
  title: string;
  full: Counts;
  run(counts: Counts, seed: number): Promise<Finding[]>;
}

/** What must never happen, of so many chances. */
export const none = (what: string, count: number, found: number): Finding => ({
  what,
  count,
  target: '0',
  result: found,
  passed: found === 0,
});

/** What must happen every time. */
export const all = (what: string, count: number, found: number): Finding => ({
  what,
  count,
  target: `${count}`,
  result: found,
  passed: found === count,
});

export interface Limit {
  what: string;
  count: number;
  value: number;
  max: number;
  unit: string;
}
export const atMost = ({ what, count, value, max, unit }: Limit): Finding => ({
  what,
  count,
  target: `≤ ${max} ${unit}`,
  result: `${Number(value.toFixed(2))} ${unit}`,
  passed: value <= max,
  ...(['s', 'ms'].includes(unit) && { timesTarget: value / max }),
});

/** Nearest rank; 0 of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
