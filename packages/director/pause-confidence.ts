import type { RangeS } from '#contracts/artifacts';

/** dB between speech and a pause at which the pause is beyond doubt; half of it is a toss-up. A starting value. */
const clearMarginDb = 24;
const unheard = 0.8;

/** → how sure it is that a range of seconds is a pause: by how far its loud tenth lies below the middle of all speech. */
export function createPauseConfidence(envelope: ArrayLike<number> | null, speech: readonly RangeS[]): (pause: RangeS) => number {
  if (envelope === null) return () => unheard;
  const middle = quantile(speech, { envelope, share: 0.5 });
  return (pause) => {
    const loud = quantile([pause], { envelope, share: 0.9 });
    if (middle === null || loud === null) return unheard;
    const margin = (middle - loud) / 100 / clearMarginDb;
    return Math.round(Math.min(0.99, Math.max(0.5, margin)) * 100) / 100;
  };
}

function quantile(ranges: readonly RangeS[], { envelope, share }: { envelope: ArrayLike<number>; share: number }): number | null {
  const levels: number[] = [];
  for (const { start_s, end_s } of ranges) {
    const last = Math.min(envelope.length, Math.round(end_s * 100));
    for (let index = Math.max(0, Math.round(start_s * 100)); index < last; index++) levels.push(envelope[index]!);
  }
  const sorted = Int16Array.from(levels).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
