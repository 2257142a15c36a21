import { expect, test } from 'vitest';
import { t20 } from '../chaos/t20-outage.ts';
import { t21 } from '../chaos/t21-too-fast.ts';

const broken = (findings: Awaited<ReturnType<typeof t20.run>>) => findings.filter(({ passed }) => !passed);

test('in an outage one probe at a time asks for all processes, nobody passes the bulkhead, and all are served afterwards', async () => {
  const counts = { jobs: 60, fallbacks: 8, processes: 3, concurrency: 2, outageMs: 4_000, opensMs: [1_500], retryMs: 100, totalMs: 1_000 };
  expect(broken(await t20.run(counts, 1))).toEqual([]);
});

test('nobody asks earlier than told, and a refusal is not asked again', async () => {
  expect(broken(await t21.run(t21.full, 1))).toEqual([]);
});
