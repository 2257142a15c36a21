import { defineConfig } from 'vitest/config';

const conditions = ['source'];
const shared = { retry: 0, testTimeout: 20_000, hookTimeout: 30_000 };

const real = {
  ...shared,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  globalSetup: ['test/helpers/global-setup.ts'],
  setupFiles: ['test/helpers/scratch.ts'],
};

/**
 * `unit` touches no process, socket or disk; the others run against real Redis, ffmpeg and processes: `system` one part at a
 * time, two files beside each other; `e2e` the whole service, which wants the machine for itself.
 */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      { extends: true, test: { ...shared, name: 'unit', pool: 'threads', isolate: false, include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          ...real,
          name: 'system',
          include: ['test/{conformance,integration,deploy,security,examples}/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...real,
          name: 'e2e',
          include: ['test/{e2e,browser}/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
