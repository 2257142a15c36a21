import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Cache, createCache, roomAt } from '#runtime/cache';
import { type CacheEntry, decodeEntry, encodeEntry } from '#runtime/cache-envelope';
import { createMemoryCache } from '#runtime/cache-memory';
import { cachePolicies, toTimes } from '#runtime/cache-policies';
import { createRemoteCache } from '#runtime/cache-remote';
import type { RedisClient } from '#runtime/redis';
import { createTelemetry } from '#runtime/telemetry';

const never = new AbortController().signal;
const parts = { tenant: 'a', model: 'm', parameters: { t: 0 }, input: 'question' };
const entryOf = (text: string): CacheEntry => ({ text, freshUntilMs: 2_000, staleUntilMs: 3_000 });

describe('the envelope of a cached value', () => {
  test.each(['{}', JSON.stringify('x'.repeat(5_000)), '"ä€😀"'])('gives back what was put in', (text) => {
    expect(decodeEntry(encodeEntry(entryOf(text)), 1e6)).toEqual(entryOf(text));
  });

  test('squeezes what is larger than a kilobyte', () => {
    expect(encodeEntry(entryOf('x'.repeat(100_000))).length).toBeLessThan(1_000);
    expect(encodeEntry(entryOf('x'.repeat(1_000))).length).toBeGreaterThan(1_000);
  });

  test('is read whole or not at all: every changed byte and every cut is noticed', () => {
    const good = encodeEntry(entryOf(JSON.stringify('x'.repeat(2_000))));
    const marks = Array.from(good.keys());
    const read = marks.filter((at) => {
      const bad = Buffer.from(good);
      bad[at]! ^= 0x55;
      return decodeEntry(bad, 1e6) !== null;
    });
    expect(read).toEqual([]);
    expect([0, 3, 35, good.length - 1].filter((end) => decodeEntry(good.subarray(0, end), 1e6) !== null)).toEqual([]);
  });

  test('that would unpack to more than is allowed is not unpacked', () => {
    expect(decodeEntry(encodeEntry(entryOf('x'.repeat(2_000_000))), 1_000_000)).toBeNull();
  });
});

describe('the level in memory', () => {
  test('drops the least recently used when its bytes are used up, and says so', () => {
    const evicted: string[] = [];
    const memory = createMemoryCache({ maxBytes: 2_000, onChange: (key, _, gone) => gone && evicted.push(key) });
    for (const key of ['a', 'b', 'c']) memory.set(key, entryOf('x'.repeat(200)));
    memory.get('a');
    memory.set('d', entryOf('x'.repeat(200)));
    expect(evicted).toEqual(['b']);
    expect(memory.bytes()).toBeLessThanOrEqual(2_000);
  });

  test('refuses what alone is larger than its room, and shrinks when memory is short', () => {
    const memory = createMemoryCache({ maxBytes: 2_000 });
    memory.set('huge', entryOf('x'.repeat(5_000)));
    expect(memory.get('huge')).toBeNull();
    for (const key of ['a', 'b', 'c']) memory.set(key, entryOf('x'.repeat(100)));
    memory.fit(roomAt(0.95));
    expect(memory.bytes()).toBe(0);
    expect([roomAt(0.5), roomAt(0.85), roomAt(0.95)]).toEqual([1, 0.5, 0.1]);
  });
});

describe('times of a value', () => {
  test('are spread by a tenth, and a finding of nothing is short', () => {
    const at = (random: number, negative = false) => toTimes(cachePolicies.keywords, { nowMs: 0, random, negative });
    expect(at(0).freshUntilMs).toBe(77_760_000);
    expect(at(1).freshUntilMs).toBe(95_040_000);
    expect(at(0.5).staleUntilMs - at(0.5).freshUntilMs).toBe(cachePolicies.keywords.staleMs);
    expect(at(0.5, true)).toEqual({ freshUntilMs: 30_000, staleUntilMs: 30_000 });
  });
});

describe('a cache in one process', () => {
  const world = () => {
    const clock = { nowMs: 0 };
    const telemetry = createTelemetry({ processMetrics: false });
    const cache: Cache = createCache({
      remote: null,
      telemetry,
      maxBytes: 1e6,
      maxValueBytes: 1_000,
      now: () => clock.nowMs,
      random: () => 0.5,
    });
    const keywords = cache.namespace({
      name: 'keywords',
      version: 1,
      schema: z.array(z.string()),
      isNegative: (words) => words.length === 0,
    });
    let made = 0;
    const make = (value: string[]) => () => {
      made++;
      return Promise.resolve(value);
    };
    return { clock, cache, keywords, make, made: () => made };
  };

  test('makes a value once for all who ask at once and afterwards', async () => {
    const { keywords, make, made, cache } = world();
    const found = await Promise.all([1, 2, 3].map(() => keywords.get(parts, make(['x']), { signal: never })));
    found.push(await keywords.get(parts, make(['y']), { signal: never }));
    expect(found.map(({ from }) => from)).toEqual(['computed', 'flight', 'flight', 'memory']);
    expect(found.map(({ value }) => value)).toEqual([['x'], ['x'], ['x'], ['x']]);
    expect(made()).toBe(1);
    expect(cache.stats()['keywords']).toMatchObject({ hits: 1, misses: 1 });
  });

  test.each(Object.keys(parts))('keeps apart what differs in %s', async (part) => {
    const { keywords, make, made } = world();
    await keywords.get(parts, make(['x']), { signal: never });
    await keywords.get({ ...parts, [part]: 'other' }, make(['y']), { signal: never });
    expect(made()).toBe(2);
  });

  test('shows an old value at once and makes a new one behind it', async () => {
    const { clock, keywords, make, made } = world();
    await keywords.get(parts, make(['old']), { signal: never });
    clock.nowMs = 25 * 3_600_000;
    expect((await keywords.get(parts, make(['new']), { signal: never })).value).toEqual(['old']);
    await new Promise((resolve) => setImmediate(resolve));
    expect((await keywords.get(parts, make(['never']), { signal: never })).value).toEqual(['new']);
    expect(made()).toBe(2);
  });

  test('keeps no failure, and nothing that is too large', async () => {
    const { keywords, make, made } = world();
    await expect(keywords.get(parts, () => Promise.reject(new Error('429')), { signal: never })).rejects.toThrow('429');
    for (let i = 0; i < 2; i++) await keywords.get(parts, make(['x'.repeat(2_000)]), { signal: never });
    expect(made()).toBe(2);
  });

  test('goes on for the others when one who waits is gone, and stops when all are', async () => {
    const { keywords } = world();
    const [one, other] = [new AbortController(), new AbortController()];
    let stopped: unknown;
    const hang = (signal: AbortSignal) =>
      new Promise<string[]>((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped = signal.reason;
          reject(signal.reason);
        });
      });
    const waiting = [one, other].map(({ signal }) => keywords.get(parts, hang, { signal }));
    one.abort('one');
    await expect(waiting[0]).rejects.toBe('one');
    expect(stopped).toBeUndefined();
    other.abort('other');
    await expect(waiting[1]).rejects.toBe('other');
    expect(stopped).toBe('other');
  });
});

describe('the level in Redis', () => {
  test('is a miss when it is slow, and is left alone for ten seconds after five faults', async () => {
    const clock = { nowMs: 0 };
    let asked = 0;
    const hung = { getBuffer: () => new Promise(() => asked++) } as unknown as RedisClient;
    const remote = createRemoteCache({ redis: hung, timeoutMs: 1, now: () => clock.nowMs });
    for (let i = 0; i < 8; i++) expect(await remote.get('key')).toBeNull();
    expect(asked).toBe(5);
    clock.nowMs = 10_001;
    await remote.get('key');
    expect(asked).toBe(6);
  });

  test('stores nothing when the room is needed for other things', async () => {
    let stored = 0;
    const redis = { set: async () => stored++ } as unknown as RedisClient;
    await createRemoteCache({ redis, mayWrite: () => false }).set('key', Buffer.from('x'), 1_000);
    expect(stored).toBe(0);
  });
});
