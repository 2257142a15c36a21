import { describe, expect, test } from 'vitest';
import { isInstalled, missingOptionalPackages } from '../../scripts/check-lock.mjs';
import { runProgram } from '../helpers/programs.ts';

/** Each check is the very command that a developer runs; its output is the message. */
const checks: Record<string, string[]> = {
  'the types agree': ['node_modules/typescript/bin/tsc', '--noEmit'],
  'the types of the console agree': ['node_modules/typescript/bin/tsc', '-p', 'apps/console', '--noEmit'],
  'style and lint find nothing': ['node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  'no file, export or dependency is unused': ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'],
  'the lock names every optional platform package': ['scripts/check-lock.mjs'],
};

describe('the house', () => {
  test.each(Object.entries(checks))('%s', async (_name, command) => {
    const { status, stdout, stderr } = await runProgram(process.execPath, command);
    expect(status === 0 ? 'in order' : stdout + stderr).toBe('in order');
  });
});

describe('the lock check', () => {
  const lock = (packages: object) => ({ packages });

  test('names a platform package that the lock has lost', () => {
    const entries = {
      'node_modules/a': { optionalDependencies: { '@a/linux': '1.0.0', '@a/darwin': '1.0.0' } },
      'node_modules/@a/linux': {},
    };
    expect(missingOptionalPackages(lock(entries))).toEqual([{ name: '@a/darwin', by: 'node_modules/a' }]);
  });

  test('takes an install for complete only when every needed package has the version and the hash of the lock', () => {
    const wanted = lock({
      '': {},
      'node_modules/a': { version: '1.0.0', integrity: 'x' },
      'node_modules/b': { version: '1.0.0', optional: true },
    });
    expect(isInstalled(wanted, lock({ 'node_modules/a': { version: '1.0.0', integrity: 'x' } }))).toBe(true);
    expect(isInstalled(wanted, lock({ 'node_modules/a': { version: '1.0.1', integrity: 'x' } }))).toBe(false);
    expect(isInstalled(wanted, lock({ 'node_modules/a': { version: '1.0.0', integrity: 'y' } }))).toBe(false);
    expect(isInstalled(wanted, lock({}))).toBe(false);
  });
});
