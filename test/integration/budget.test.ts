import { expect, test } from 'vitest';
import { judge } from '../bench/judge.ts';
import { runBudget } from '../chaos/budget.ts';

test('a dollar is never overspent, also when spenders are killed and Redis is wiped', async () => {
  const result = await runBudget({ jobs: 60, processes: 3, kills: 3, flushes: 1 });
  expect(result.facts).toMatchObject({ killed: 3, flushes: 1 });
  expect(judge(result, {}).filter(({ passed }) => !passed)).toEqual([]);
});
