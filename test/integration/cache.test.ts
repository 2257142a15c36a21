import { expect, test } from 'vitest';
import { t29 } from '../chaos/t29-stampede.ts';
import { t30 } from '../chaos/t30-poison.ts';

const broken = (findings: Awaited<ReturnType<typeof t29.run>>) => findings.filter(({ passed }) => !passed);

test('what many processes want at once is made once, and once more when its maker is killed', async () => {
  expect(broken(await t29.run({ processes: 4, requests: 160, keys: 4, callMs: 1_000 }, 1))).toEqual([]);
});

test('a thousand poisoned values are a thousand misses and nothing else', async () => {
  expect(broken(await t30.run(t30.full, 1))).toEqual([]);
});
