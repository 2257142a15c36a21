import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { toEnvExample } from '#runtime/config-variables';

it('.env.example lists exactly the settings that exist, with their defaults', async () => {
  expect(await readFile('.env.example', 'utf8')).toBe(toEnvExample());
});
