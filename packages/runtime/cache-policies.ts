const hourMs = 3_600_000;

export interface CachePolicy {
  ttlMs: number;
  /** How much longer an old value may be shown while a new one is made; 0 where making costs the money of a job. */
  staleMs: number;
}

/** What is kept how long. `responses`: equal questions to one model; `keywords`, `competitors`: research that ages. */
export const cachePolicies = {
  responses: { ttlMs: hourMs, staleMs: 0 },
  keywords: { ttlMs: 24 * hourMs, staleMs: 12 * hourMs },
  competitors: { ttlMs: 7 * 24 * hourMs, staleMs: 24 * hourMs },
} as const satisfies Record<string, CachePolicy>;

export type CacheName = keyof typeof cachePolicies;

/** "Nothing was found" is worth asking again soon. */
const negativeTtlMs = 30_000;

/** Pure: until when a value made now is fresh and shown. `random` is 0–1: ±10 %, so that what came together does not go together. */
export function toTimes(policy: CachePolicy, { nowMs, random, negative }: { nowMs: number; random: number; negative: boolean }) {
  const jitter = 0.9 + 0.2 * random;
  const freshUntilMs = nowMs + Math.round((negative ? negativeTtlMs : policy.ttlMs) * jitter);
  return { freshUntilMs, staleUntilMs: freshUntilMs + (negative ? 0 : policy.staleMs) };
}
