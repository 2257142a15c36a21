import { deriveId } from '#contracts/ids';
import type { Account } from './ask-model.ts';

const dayMs = 86_400_000;
/** Guesses never take the second half of a day's money. */
const share = 0.5;

/**
 * Who pays for what no job has asked for: an account of its own for each tenant and UTC day, the same in every process. So a
 * guess takes nothing from a job's budget, and is in no job's report; metrics and the ledger have it.
 */
export function toAheadAccount(tenant: string, dayUsd: number, nowMs = Date.now()): Account {
  const startMs = nowMs - (nowMs % dayMs);
  const job = deriveId('job', startMs, `ahead of ${tenant}`);
  return {
    tenant,
    job,
    jobBudgetUsd: dayUsd,
    share,
    tally: { calls: 0, tokens_in: 0, tokens_out: 0, usd: 0, cache_hits: 0, degraded: null },
  };
}
