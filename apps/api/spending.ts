import { type CountedLine, createLedger } from '#runtime/ledger';
import type { Storage } from '#storage/storage';

export interface DaySpending {
  /** UTC, `2026-11-20`. */
  day: string;
  calls: number;
  /** What was paid, and for calls that are still open or whose worker died what was reserved. */
  usd: number;
  /** The dearest first. */
  jobs: { job_id: string; calls: number; usd: number }[];
}

/** What a tenant's calls to models cost, out of the ledger that the caps are kept by; the newest day first. */
export function createSpending(storage: Storage) {
  const ledger = createLedger(storage);
  return async (tenant: string, { days, nowMs }: { days: number; nowMs: number }): Promise<DaySpending[]> => {
    const names = Array.from({ length: days }, (_, back) => new Date(nowMs - back * 86_400_000).toISOString().slice(0, 10));
    return Promise.all(names.map(async (day) => sumUp(day, await ledger.ofTenant(day, tenant))));
  };
}

function sumUp(day: string, lines: readonly CountedLine[]): DaySpending {
  const ids = [...new Set(lines.map(({ job }) => job))];
  const jobs = ids.map((job_id) => ({ job_id, ...totalOf(lines.filter(({ job }) => job === job_id)) }));
  return { day, ...totalOf(lines), jobs: jobs.sort((one, other) => other.usd - one.usd) };
}

const totalOf = (lines: readonly CountedLine[]) => ({
  calls: lines.length,
  usd: lines.reduce((sum, { countedMicro }) => sum + countedMicro, 0) / 1e6,
});
