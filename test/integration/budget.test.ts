import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createId } from '#contracts/ids';
import { createBudget } from '#runtime/budget';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, waitForRedis } from '#runtime/redis';
import { createStorage } from '#storage/open';
import { t22 } from '../chaos/t22-budget.ts';
import { startRedis } from '../helpers/redis.ts';

test('a dollar is never overspent, also when spenders are killed and Redis is wiped', async () => {
  const findings = await t22.run({ jobs: 60, processes: 3, kills: 3, flushes: 1 }, 1);
  expect(findings.filter(({ passed }) => !passed)).toEqual([]);
});

test('a call that may take only a share of the day is refused where others still have money', async () => {
  const server = await startRedis();
  const redis = createRedis({ url: server.url, role: 'commands', log: createLogger({ level: 'silent', name: 'test' }) });
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-budget-'));
  try {
    await waitForRedis(redis, new AbortController().signal);
    const store = await createStorage(`file:${folder}`, { dir: join(folder, 'copies'), maxBytes: 1e6 });
    const budget = createBudget({ redis, store, tenantDayUsd: 1, globalDayUsd: 10 });
    const request = { tenant: 'a', job: createId('job'), jobBudgetUsd: 5, usd: 0.3 };
    expect(await budget.reserve({ ...request, share: 0.5 })).toMatchObject({ kind: 'granted' });
    expect(await budget.reserve({ ...request, share: 0.5 })).toMatchObject({ kind: 'exhausted', scope: 'tenant' });
    expect(await budget.reserve(request)).toMatchObject({ kind: 'granted' });
  } finally {
    await closeRedis(redis);
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
