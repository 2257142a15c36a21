const perFootage = { usd: 2, seconds: 900 };
/**
 * Every question that a job may ask is reserved at its worst case, pictures included: with less, short jobs would be refused
 * what they pay for in the end.
 */
const leastUsd = 0.5;

/** Pure: what a job may spend on models when its caller named no sum: two dollars for 15 minutes of footage, and never less than half a dollar. */
export const toJobBudgetUsd = (footageS: number): number => Math.max(leastUsd, (perFootage.usd * footageS) / perFootage.seconds);
