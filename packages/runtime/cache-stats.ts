import type { Telemetry } from './telemetry.ts';

export interface CacheStats {
  hits: number;
  misses: number;
  /** In this process. */
  bytes: number;
  evictions: number;
  poisoned: number;
}

export type CacheLevel = 'memory' | 'redis';
/** `stale` is a hit on an old value while a new one is made. */
export type CacheResult = 'hit' | 'stale' | 'miss' | 'poison' | 'too_large';

/** Figures by namespace, for metrics and for `stats`. A look-up that memory misses is told again by Redis. */
export function createCacheStats({ cache }: Pick<Telemetry, 'cache'>) {
  const names = new Map<string, CacheStats>();
  const of = (name: string): CacheStats => {
    const known = names.get(name) ?? { hits: 0, misses: 0, bytes: 0, evictions: 0, poisoned: 0 };
    names.set(name, known);
    return known;
  };
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
    changed(key: string, bytes: number, evicted: boolean): void {
      const name = nameOf(key);
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
