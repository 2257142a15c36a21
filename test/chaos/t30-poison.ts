import { randomBytes } from 'node:crypto';
import { brotliCompressSync } from 'node:zlib';
import { z } from 'zod';
import { createCache } from '#runtime/cache';
import { encodeEntry } from '#runtime/cache-envelope';
import { createRemoteCache } from '#runtime/cache-remote';
import type { RedisClient } from '#runtime/redis';
import { createTelemetry } from '#runtime/telemetry';
import { connect } from '../helpers/crew-member.ts';
import { startRedis } from '../helpers/redis.ts';
import { all, type ChaosTest, type Finding, none } from './chaos.ts';
import { createRandom, type Random } from './random.ts';

interface Counts {
  values: number;
}

export const t30: ChaosTest<Counts> = { title: 'Poisoned values in the cache', full: { values: 1_000 }, run };

const schema = z.strictObject({ words: z.array(z.string()).max(50) });
const good = { words: ['true'] };
const maxValueBytes = 100_000;
const prefix = '{cutroom}:v1:cache:responses:*';

/** Every value is stored, spoilt in Redis behind the cache's back, and asked for by a process that does not remember it. */
async function run({ values }: Counts, seed: number): Promise<Finding[]> {
  const server = await startRedis();
  const redis = await connect(server.url);
  const random = createRandom(seed);
  try {
    await readAll(redis, values);
    const before = await redis.keys(prefix);
    for (const key of before) await spoil(redis, key, random);
    const { computed, faults, poisoned } = await readAll(redis, values);
    const after = await readAll(redis, values);
    return [
      all('values that were stored', values, before.length),
      all('poisoned values that were misses', values, computed),
      all('poisoned values that were noticed', values, poisoned),
      none('look-ups that failed or gave something else', values, faults),
      none('values that were still spoilt afterwards', values, after.computed),
    ];
  } finally {
    redis.disconnect();
    await server.close();
  }
}

async function readAll(redis: RedisClient, values: number) {
  const remote = createRemoteCache({ redis, timeoutMs: 1_000 });
  const cache = createCache({ remote, telemetry: createTelemetry({ processMetrics: false }), maxBytes: 1e7, maxValueBytes });
  const answers = cache.namespace({ name: 'responses', version: 1, schema });
  const { signal } = new AbortController();
  const sums = { computed: 0, faults: 0 };
  for (let input = 0; input < values; input++) {
    const parts = { tenant: 'a', model: 'm', parameters: null, input };
    const found = await answers.get(parts, async () => good, { signal }).catch(() => null);
    if (found?.from === 'computed') sums.computed++;
    if (JSON.stringify(found?.value) !== JSON.stringify(good)) sums.faults++;
  }
  cache.close();
  return { ...sums, poisoned: cache.stats()['responses']?.poisoned ?? 0 };
}

const entryOf = (text: string) => encodeEntry({ text, freshUntilMs: Date.now() + 1e6, staleUntilMs: Date.now() + 1e6 });

/** Made once: they are dear. */
const bomb = entryOf(`"${'x'.repeat(2_000_000)}"`);
const deep = entryOf('['.repeat(90_000));

/** Broken bytes, and well-made envelopes around what no one asked for. */
const poisons: ((random: Random, value: Buffer) => Buffer)[] = [
  () => Buffer.alloc(0),
  (random) => randomBytes(random.integer(1, 5_000)),
  (random, value) => value.subarray(0, random.integer(0, value.length - 1)),
  (random, value) => Buffer.from(value.map((byte, at) => (at === random.integer(0, 1) || at === 20 ? byte ^ 0xff : byte))),
  () => entryOf('{"words":['),
  () => entryOf('null'),
  () => entryOf('{"__proto__":{"polluted":true},"words":"x"}'),
  () => entryOf(JSON.stringify({ words: ['x'], extra: 1 })),
  () => entryOf(JSON.stringify({ words: Array.from({ length: 51 }, () => 'x') })),
  () => bomb,
  () => deep,
  () => brotliCompressSync(Buffer.alloc(10_000)),
];

async function spoil(redis: RedisClient, key: string, random: Random): Promise<void> {
  const value = await redis.getBuffer(key);
  const poison = random.pick(poisons);
  await redis.set(key, poison(random, value ?? Buffer.alloc(0)), 'PX', 100_000);
}
