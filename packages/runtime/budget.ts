import { randomUUID } from 'node:crypto';
import { CutroomError } from '#contracts/errors';
import { timeOfId } from '#contracts/ids';
import { type BudgetScope, type BudgetTotals, type CapsMicro, createBudgetTotals, type Taken } from './budget-totals.ts';
import { createLedger, type Ledger, type LedgerLine, type LedgerStore } from './ledger.ts';
import { createMemos } from './memos.ts';
import type { RedisClient } from './redis.ts';

export interface BudgetOptions {
  /** Of the role `commands`. The sums are there, and they are worth nothing without the ledger. */
  redis: RedisClient;
  store: LedgerStore;
  tenantDayUsd: number;
  globalDayUsd: number;
  now?: () => number;
}

export interface BudgetRequest {
  tenant: string;
  /** Id of the job. */
  job: string;
  /** What all calls of the job may cost together. */
  jobBudgetUsd: number;
  /** The worst case of this one call. */
  usd: number;
  /** Of the day’s caps of tenant and of all, 0–1, what may be used up after this call; left out = all. */
  share?: number;
}

export interface Reservation {
  kind: 'granted';
  /** The call is over and this is what it cost. Without it all that was reserved counts as spent, for ever. */
  settle(usd: number): Promise<void>;
  /** The call was never made. */
  cancel(): Promise<void>;
}

/** `resetsAt`: when the scope has money again; null = a job's budget never comes back. */
export type Reserved = Reservation | { kind: 'exhausted'; scope: BudgetScope; resetsAt: string | null };

export interface Budget {
  /** Before every single call that costs money, retries included. Throws `QUEUE_UNAVAILABLE`, `STORAGE_UNAVAILABLE`: then nothing may be called. */
  reserve(request: BudgetRequest): Promise<Reserved>;
}

/**
 * No cap is passed, whoever dies and whatever Redis forgets: the line is in the ledger before it is counted and before the
 * call is made, sums are read from the ledger whenever this Redis may not know them, and a line is counted once by its id.
 */
export function createBudget({ redis, store, tenantDayUsd, globalDayUsd, now = Date.now }: BudgetOptions): Budget {
  const totals = createBudgetTotals(redis);
  const ledger = createLedger(store);
  const learnt = createMemos();
  // A Redis that was away may have lost what it was told last.
  redis.on('close', learnt.clear);

  const learn = (line: LedgerLine) => [
    learnt.once(line.day, async () => totals.learn({ day: line.day }, await ledger.ofDay(line.day))),
    learnt.once(line.job, async () => {
      const days = daysBetween(timeOfId(line.job), now());
      return totals.learn({ job: line.job }, await ledger.ofJob(days, line.tenant, line.job));
    }),
  ];

  /** An answer counts when Redis knew the ledger before it was asked and was there all the time. */
  async function decide(line: LedgerLine, ask: () => Promise<Taken>): Promise<Exclude<Taken, 'unknown'>> {
    for (let round = 0; round < rounds; round++) {
      const memos = learn(line);
      const complete = (await Promise.all(memos.map(({ result }) => result))).every(Boolean);
      const taken = complete ? await ask() : 'unknown';
      if (taken !== 'unknown' && memos.every(learnt.holds)) return taken;
      if (taken === 'unknown') memos.forEach(learnt.forget);
    }
    throw new CutroomError('QUEUE_UNAVAILABLE', 'The sums of the AI budget could not be read.');
  }

  return {
    reserve: ({ tenant, job, jobBudgetUsd, usd, share = 1 }) =>
      orUnavailable(async () => {
        const caps: CapsMicro = {
          job: toMicro(jobBudgetUsd),
          tenant: toMicro(tenantDayUsd * share),
          global: toMicro(globalDayUsd * share),
        };
        const line: LedgerLine = { day: toDay(now()), tenant, job, id: randomUUID(), reservedMicro: toMicro(usd) };
        const looked = await decide(line, () => totals.look(line, caps));
        if (looked !== 'granted') return toExhausted(looked, now());
        await ledger.reserve(line);
        const taken = await decide(line, () => totals.take(line, caps));
        const reservation = toReservation(line, ledger, totals);
        if (taken === 'granted') return reservation;
        await reservation.cancel();
        return toExhausted(taken, now());
      }),
  };
}

/** A Redis that is wiped more often than that while one call waits is no place for sums. */
const rounds = 5;

function toReservation(line: LedgerLine, ledger: Ledger, totals: BudgetTotals): Reservation {
  return {
    kind: 'granted',
    async settle(usd) {
      await ledger.settle(line, toMicro(usd));
      // The ledger has it; sums that are too high until the next wipe do no harm.
      await totals.settle(line, toMicro(usd)).catch(() => undefined);
    },
    async cancel() {
      await ledger.cancel(line);
      await totals.settle(line, 0).catch(() => undefined);
    },
  };
}

/** Rounded up, after what binary fractions added. */
export const toMicro = (usd: number): number => Math.ceil(Number((usd * 1e6).toFixed(3)));

const dayMs = 86_400_000;
const toDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** Every UTC day that a job has lived in. */
export function daysBetween(fromMs: number, toMs: number): string[] {
  const first = Math.floor(Math.min(fromMs, toMs) / dayMs);
  return Array.from({ length: Math.floor(toMs / dayMs) - first + 1 }, (_, i) => toDay((first + i) * dayMs));
}

const toExhausted = (scope: BudgetScope, nowMs: number): Reserved => ({
  kind: 'exhausted',
  scope,
  resetsAt: scope === 'job' ? null : new Date((Math.floor(nowMs / dayMs) + 1) * dayMs).toISOString(),
});

/** No sums, no call: what Redis throws means that nothing may be spent. */
async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CutroomError) throw error;
    throw new CutroomError('QUEUE_UNAVAILABLE', { detail: 'The AI budget could not be asked.', cause: error });
  }
}
