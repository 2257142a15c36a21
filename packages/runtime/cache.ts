import type { z } from 'zod';
import { digestOf } from '#contracts/digest';
import type { Ahead } from './cache-ahead.ts';
import { type CacheEntry, decodeEntry, encodeEntry } from './cache-envelope.ts';
import { createFlights } from './cache-flights.ts';
import { makeInTurn } from './cache-lease.ts';
import { createMemoryCache } from './cache-memory.ts';
import { type CacheName, cachePolicies, toTimes } from './cache-policies.ts';
import type { RemoteCache } from './cache-remote.ts';
import { type CacheStats, createCacheStats } from './cache-stats.ts';
import type { Telemetry } from './telemetry.ts';

/** What makes two questions equal. Tenants never share an answer. */
export interface CacheKeyParts {
  tenant: string;
  model: string;
  parameters: unknown;
  input: unknown;
}

export interface NamespaceOptions<T> {
  name: CacheName;
  /** Of prompt and meaning: raise it and everything older is a miss. */
  version: number;
  /** Every value that comes from outside this process is checked against it. */
  schema: z.ZodType<T>;
  /** A finding of nothing is kept for 30 s. */
  isNegative?: (value: T) => boolean;
}

/** `computed`: this very call has paid for it. */
export interface Found<T> {
  value: T;
  from: 'memory' | 'redis' | 'flight' | 'computed';
}

type Compute<T> = (signal: AbortSignal) => Promise<T>;

interface GetOptions<T> {
  signal: AbortSignal;
  /** How the value may be made before somebody asks for it again, and what its look-ups follow; left out = it may not. */
  ahead?: { thread: string; compute: Compute<T> } | undefined;
}

export interface Namespace<T> {
  /**
   * The value, made by `compute` when nobody has it and nobody else is making it. What `compute` throws comes out and is
   * never kept. Its signal is aborted when the last one who waits is gone.
   */
  get(parts: CacheKeyParts, compute: Compute<T>, options: GetOptions<T>): Promise<Found<T>>;
}

export interface Cache {
  namespace<T>(options: NamespaceOptions<T>): Namespace<T>;
  stats(): Record<string, CacheStats>;
  close(): void;
}

export interface CacheOptions {
  /** Null = this process alone. */
  remote: RemoteCache | null;
  telemetry: Pick<Telemetry, 'cache'>;
  /** Left out = nothing is fetched before it is asked for. */
  ahead?: Ahead;
  /** Of values in this process. */
  maxBytes: number;
  /** Larger values are not kept: 1 MB in a Redis of its own, 64 KB beside the queue. */
  maxValueBytes: number;
  /** Share of memory in use, 0–1. */
  pressure?: () => number;
  now?: () => number;
  random?: () => number;
}

const lookEveryMs = 5_000;

/** Two levels, values as JSON: nobody can change what another one is given. */
export function createCache(options: CacheOptions): Cache {
  const { remote, telemetry, maxBytes, pressure = () => 0 } = options;
  const stats = createCacheStats(telemetry);
  const memory = createMemoryCache({ maxBytes, onChange: stats.changed });
  const timer = setInterval(() => memory.fit(roomAt(pressure())), lookEveryMs);
  timer.unref();
  const closing = new AbortController();
  return {
    namespace: (namespace) => createNamespace(namespace, { ...options, remote, memory, stats, closing: closing.signal }),
    stats: stats.read,
    close() {
      clearInterval(timer);
      closing.abort();
    },
  };
}

/** Pure: the share of its room that a cache may fill when so much of the memory is in use. */
export const roomAt = (pressure: number): number => (pressure > 0.9 ? 0.1 : pressure > 0.8 ? 0.5 : 1);

interface MakeOptions {
  signal: AbortSignal;
  /** In milliseconds since 1970; left out = now. */
  beyondMs?: number;
}

interface Shelf extends Pick<CacheOptions, 'remote' | 'maxValueBytes' | 'ahead' | 'now' | 'random'> {
  memory: ReturnType<typeof createMemoryCache>;
  stats: ReturnType<typeof createCacheStats>;
  closing: AbortSignal;
}

function createNamespace<T>({ name, version, schema, isNegative = () => false }: NamespaceOptions<T>, shelf: Shelf): Namespace<T> {
  const { remote, memory, stats, maxValueBytes, now = Date.now, random = Math.random } = shelf;
  const flights = createFlights<Found<T>>();
  const toKey = (parts: CacheKeyParts) => `{cutroom}:v1:cache:${name}:${digestOf({ version, ...parts })}`;
  const isFresh = (entry: CacheEntry) => now() < entry.freshUntilMs;
  const isShown = (entry: CacheEntry | null): entry is CacheEntry => entry !== null && now() < entry.staleUntilMs;

  /** Anything odd is deleted and was never there. */
  async function readRemote(key: string): Promise<CacheEntry | null> {
    const bytes = (await remote?.get(key)) ?? null;
    if (bytes === null || remote === null) return null;
    const entry = decodeEntry(bytes, maxValueBytes);
    if (entry && isValid(schema, entry.text)) return entry;
    stats.count(name, 'redis', 'poison');
    await remote.delete(key);
    return null;
  }

  async function write(key: string, value: T): Promise<void> {
    const text = JSON.stringify(value);
    if (Buffer.byteLength(text) > maxValueBytes) return stats.count(name, 'redis', 'too_large');
    const entry = { text, ...toTimes(cachePolicies[name], { nowMs: now(), random: random(), negative: isNegative(value) }) };
    memory.set(key, entry);
    await remote?.set(key, encodeEntry(entry), entry.staleUntilMs - now());
  }

  /** A value that is fresh beyond `beyondMs` has been made by somebody else meanwhile. */
  async function make(key: string, compute: Compute<T>, { signal, beyondMs = now() }: MakeOptions): Promise<Found<T>> {
    const compose = async (): Promise<Found<T>> => {
      const value = await compute(signal);
      await write(key, value);
      return { value, from: 'computed' };
    };
    if (!remote) return compose();
    const look = async () => {
      const entry = await readRemote(key);
      return entry && entry.freshUntilMs > beyondMs ? take(key, entry) : null;
    };
    return makeInTurn(remote, `${key}:lease`, { look, make: compose, signal });
  }

  function take(key: string, entry: CacheEntry): Found<T> {
    memory.set(key, entry);
    return { value: JSON.parse(entry.text) as T, from: 'redis' };
  }

  function refresh(key: string, compute: Compute<T>): void {
    // The old value has been given; the next caller meets the fault, if it stays.
    flights.join(key, (signal) => make(key, compute, { signal }), shelf.closing).catch(() => undefined);
  }

  /** In no flight that others may join: when the money for it is short, nobody but the guess shall fail. */
  async function renew(key: string, compute: Compute<T>, beyondMs: number): Promise<number> {
    const endsMs = memory.get(key)?.freshUntilMs ?? 0;
    if (endsMs > beyondMs || flights.has(key)) return endsMs;
    const { from } = await make(key, compute, { signal: shelf.closing, beyondMs });
    if (from === 'computed') stats.fetchedAhead(key, endsMs);
    return memory.get(key)?.freshUntilMs ?? 0;
  }

  function learn(key: string, wish: GetOptions<T>['ahead']): void {
    const entry = memory.get(key);
    if (!wish || !shelf.ahead || !entry) return;
    const { ttlMs } = cachePolicies[name];
    const access = { key, thread: wish.thread, atMs: now(), freshUntilMs: entry.freshUntilMs, ttlMs };
    shelf.ahead.note(access, (beyondMs) => renew(key, wish.compute, beyondMs));
  }

  async function find(key: string, compute: Compute<T>, signal: AbortSignal): Promise<Found<T>> {
    const entry = await readRemote(key);
    if (isShown(entry)) {
      stats.count(name, 'redis', isFresh(entry) ? 'hit' : 'stale');
      const found = take(key, entry);
      if (!isFresh(entry)) setImmediate(refresh, key, compute);
      return found;
    }
    if (remote) stats.count(name, 'redis', 'miss');
    stats.missed(name);
    return make(key, compute, { signal });
  }

  return {
    async get(parts, compute, { signal, ahead }) {
      signal.throwIfAborted();
      const key = toKey(parts);
      const entry = memory.get(key);
      if (isShown(entry)) {
        stats.count(name, 'memory', isFresh(entry) ? 'hit' : 'stale');
        if (!isFresh(entry)) refresh(key, compute);
        stats.given(key, now());
        learn(key, ahead);
        return { value: JSON.parse(entry.text) as T, from: 'memory' };
      }
      stats.count(name, 'memory', 'miss');
      let own = false;
      const started = (flight: AbortSignal) => {
        own = true;
        return find(key, compute, flight);
      };
      const found = await flights.join(key, started, signal);
      learn(key, ahead);
      return own ? found : { value: structuredClone(found.value), from: 'flight' };
    },
  };
}

function isValid(schema: z.ZodType, text: string): boolean {
  try {
    return schema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}
