import type { EndedRun } from '#engine/history';

export const periods = { day: 86_400_000, week: 7 * 86_400_000 } as const;

export interface PeriodFigures {
  from: string;
  to: string;
  ended: number;
  completed: number;
  failed: number;
  cancelled: number;
  /** Of those that were not cancelled; null = none ended. */
  error_rate: number | null;
  /** Runs behind the next figure: completed, not answered from what was filed, of known length. */
  measured: number;
  seconds_per_media_second: { mean: number; p95: number } | null;
}

export interface Trends {
  period: keyof typeof periods;
  /** The newest first; the first one ends now. */
  periods: PeriodFigures[];
  /** The newest period against the one before; null = one of them has nothing to compare. Speed as a share: 0.1 = a tenth slower. */
  change: { ended: number; error_rate: number | null; seconds_per_media_second: number | null };
  regression: { found: boolean | null; reason: string };
}

/** A tenth slower is called a regression, as in the benchmarks; fewer runs than this say nothing. */
const slowerBy = 0.1;
const enough = 5;

/** Pure: runs that have ended, as figures by period. */
export function toTrends(runs: readonly EndedRun[], wish: { period: keyof typeof periods; count: number; nowMs: number }): Trends {
  const { period, count, nowMs } = wish;
  const all = Array.from({ length: count }, (_, index) => {
    const toMs = nowMs - index * periods[period];
    return toFigures(runs, { fromMs: toMs - periods[period], toMs });
  });
  const [now, before] = all as [PeriodFigures, PeriodFigures];
  return { period, periods: all, change: toChange(now, before), regression: toRegression(now, before) };
}

function toFigures(runs: readonly EndedRun[], { fromMs, toMs }: { fromMs: number; toMs: number }): PeriodFigures {
  const mine = runs.filter(({ finished_at }) => Date.parse(finished_at) > fromMs && Date.parse(finished_at) <= toMs);
  const count = (status: EndedRun['status']) => mine.filter((run) => run.status === status).length;
  const [completed, failed] = [count('completed'), count('failed')];
  const ratios = mine.flatMap(ratioOf);
  return {
    from: new Date(fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    ended: mine.length,
    completed,
    failed,
    cancelled: count('cancelled'),
    error_rate: completed + failed === 0 ? null : round(failed / (completed + failed)),
    measured: ratios.length,
    seconds_per_media_second: summarise(ratios),
  };
}

/** Pure: seconds of work per second of footage, where both are known. */
export const ratioOf = ({ wall_s, media_s }: EndedRun): number[] => (wall_s !== null && media_s ? [wall_s / media_s] : []);

/** Pure: null of nothing. */
export function summarise(values: readonly number[]): { mean: number; p95: number } | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const p95 = sorted[Math.ceil(0.95 * sorted.length) - 1] ?? 0;
  return { mean: round(sorted.reduce((sum, value) => sum + value, 0) / sorted.length), p95: round(p95) };
}

function toChange(now: PeriodFigures, before: PeriodFigures): Trends['change'] {
  const [fast, slow] = [before.seconds_per_media_second, now.seconds_per_media_second];
  return {
    ended: now.ended - before.ended,
    error_rate: now.error_rate === null || before.error_rate === null ? null : round(now.error_rate - before.error_rate),
    seconds_per_media_second: fast && slow && fast.mean > 0 ? round(slow.mean / fast.mean - 1) : null,
  };
}

function toRegression(now: PeriodFigures, before: PeriodFigures): Trends['regression'] {
  if (Math.min(now.measured, before.measured) < enough)
    return { found: null, reason: `Each of two periods needs ${enough} measured jobs; there are ${before.measured} and ${now.measured}.` };
  const slower = toChange(now, before).seconds_per_media_second ?? 0;
  const found = slower > slowerBy;
  return {
    found,
    reason: `A second of footage takes ${Math.abs(Math.round(slower * 100))} % ${slower > 0 ? 'longer' : 'less'} than in the period before.`,
  };
}

const round = (value: number) => Math.round(value * 1000) / 1000;
