import { expect, test } from 'vitest';
import { t22 } from '../chaos/t22-budget.ts';

test('a dollar is never overspent, also when spenders are killed and Redis is wiped', async () => {
  const findings = await t22.run({ jobs: 60, processes: 3, kills: 3, flushes: 1 }, 1);
  expect(findings.filter(({ passed }) => !passed)).toEqual([]);
});
