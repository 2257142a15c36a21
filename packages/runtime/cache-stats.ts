import type { Telemetry } from './telemetry.ts';

export interface CacheStats {
  hits: number;
  misses: number;
  /** In this process. */
  bytes: number;
  evictions: number;
  poisoned: number;
  /** Made before anybody asked, and how many of those were asked for when they would else have been missed. */
  fetched_ahead: number;
  used_ahead: number;
}

export type CacheLevel = 'memory' | 'redis';
/** `stale` is a hit on an old value while a new one is made. */
export type CacheResult = 'hit' | 'stale' | 'miss' | 'poison' | 'too_large';

/** Figures by namespace, for metrics and for `stats`. A look-up that memory misses is told again by Redis. */
export function createCacheStats({ cache }: Pick<Telemetry, 'cache'>) {
  const names = new Map<string, CacheStats>();
  const of = (name: string): CacheStats => {
    const known = names.get(name) ?? { hits: 0, misses: 0, bytes: 0, evictions: 0, poisoned: 0, fetched_ahead: 0, used_ahead: 0 };
    names.set(name, known);
    return known;
  };
  /** Values that nobody has asked for yet → when they would have been missed. */
  const unused = new Map<string, number>();
  return {
    count(name: string, level: CacheLevel, result: CacheResult): void {
      cache.requests.inc({ cache: name, level, result });
      const stats = of(name);
      if (result === 'hit' || result === 'stale') stats.hits++;
      if (result === 'poison') stats.poisoned++;
    },
    /** Nobody had it: somebody pays. */
    missed(name: string): void {
      of(name).misses++;
    },
    fetchedAhead(key: string, missedFromMs: number): void {
      unused.set(key, missedFromMs);
      of(nameOf(key)).fetched_ahead++;
      cache.ahead.inc({ cache: nameOf(key), result: 'fetched' });
    },
    /** Somebody was given what memory held. */
    given(key: string, nowMs: number): void {
      const missedFromMs = unused.get(key);
      if (missedFromMs === undefined || nowMs < missedFromMs) return;
      unused.delete(key);
      of(nameOf(key)).used_ahead++;
      cache.ahead.inc({ cache: nameOf(key), result: 'used' });
    },
    changed(key: string, bytes: number, evicted: boolean): void {
      const name = nameOf(key);
      if (bytes < 0) unused.delete(key);
      const stats = of(name);
      stats.bytes += bytes;
      cache.bytes.set({ cache: name }, stats.bytes);
      if (!evicted) return;
      stats.evictions++;
      cache.evictions.inc({ cache: name });
    },
    read: (): Record<string, CacheStats> => Object.fromEntries([...names].map(([name, stats]) => [name, { ...stats }])),
  };
}

/** `{cutroom}:v1:cache:keywords:…` → `keywords`. */
const nameOf = (key: string) => key.split(':')[3] ?? 'unknown';
