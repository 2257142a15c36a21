import { ProviderError } from '#contracts/ai';

export interface RetryRules {
  tries: number;
  minMs: number;
  maxMs: number;
  /** First wait after a "too fast" that names no time; it doubles. */
  blindMs: number;
  /** What must wait longer goes back to the queue instead of holding a worker's slot. */
  longestMs: number;
}

export const retryRules: RetryRules = { tries: 3, minMs: 4_000, maxMs: 10_000, blindMs: 30_000, longestMs: 60_000 };

export type Verdict =
  | { kind: 'again'; afterMs: number }
  /** Nobody should ask before. */
  | { kind: 'give_up'; retryAfterMs: number }
  /** Asking again would give the same. */
  | { kind: 'final' };

/** Pure: what follows the failed try `attempt` (from 1). `random` is 0–1: waits of many callers are spread. */
export function judgeFailure(error: unknown, { attempt, random, rules }: { attempt: number; random: number; rules: RetryRules }): Verdict {
  const fault = error instanceof ProviderError ? error.fault : null;
  if (fault?.kind !== 'unavailable' && fault?.kind !== 'rate_limited') return { kind: 'final' };
  const spreadMs = Math.round(rules.minMs + random * (rules.maxMs - rules.minMs));
  const afterMs = fault.kind === 'unavailable' ? spreadMs : (fault.retryAfterMs ?? rules.blindMs * 2 ** (attempt - 1));
  return attempt >= rules.tries || afterMs > rules.longestMs ? { kind: 'give_up', retryAfterMs: afterMs } : { kind: 'again', afterMs };
}
