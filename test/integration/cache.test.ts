import { expect, test } from 'vitest';
import { createCacheTeller, readCacheTotals } from '#runtime/cache-totals';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, waitForRedis } from '#runtime/redis';
import { t29 } from '../chaos/t29-stampede.ts';
import { t30 } from '../chaos/t30-poison.ts';
import { startRedis } from '../helpers/redis.ts';

const broken = (findings: Awaited<ReturnType<typeof t29.run>>) => findings.filter(({ passed }) => !passed);

test('what many processes want at once is made once, and once more when its maker is killed', async () => {
  expect(broken(await t29.run({ processes: 4, requests: 160, keys: 4, callMs: 1_000 }, 1))).toEqual([]);
});

test('a thousand poisoned values are a thousand misses and nothing else', async () => {
  expect(broken(await t30.run(t30.full, 1))).toEqual([]);
});

test('figures of all workers are added up; who has left or says nothing any more is not counted', async () => {
  const server = await startRedis();
  const redis = createRedis({ url: server.url, role: 'commands', log: createLogger({ level: 'silent', name: 'test' }) });
  await waitForRedis(redis, new AbortController().signal);
  const stats = { hits: 3, misses: 1, bytes: 100, evictions: 0, poisoned: 0, fetched_ahead: 2, used_ahead: 1 };
  const tellers = [
    createCacheTeller({ redis, worker: 'one', read: () => ({ responses: stats, keywords: stats }) }),
    createCacheTeller({ redis, worker: 'other', read: () => ({ responses: stats }) }),
    createCacheTeller({ redis, worker: 'silent', read: () => ({ responses: stats }), now: () => Date.now() - 21_000 }),
  ];
  try {
    const doubled = { hits: 6, misses: 2, bytes: 200, evictions: 0, poisoned: 0, fetched_ahead: 4, used_ahead: 2 };
    expect(await readCacheTotals(redis)).toEqual({ workers: 2, namespaces: { responses: doubled, keywords: stats } });
    await tellers[0]?.close();
    expect(await readCacheTotals(redis)).toEqual({ workers: 1, namespaces: { responses: stats } });
  } finally {
    await Promise.all(tellers.map((teller) => teller.close()));
    await closeRedis(redis);
    await server.close();
  }
});
