import { defineConfig } from 'vitest/config';

const conditions = ['source'];
const shared = { retry: 0, testTimeout: 20_000, hookTimeout: 30_000 };

/** `unit` touches no process, socket or disk; `system` runs against real Redis, ffmpeg and worker processes. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      { extends: true, test: { ...shared, name: 'unit', pool: 'threads', isolate: false, include: ['test/unit/**/*.test.ts'] } },
      {
        extends: true,
        test: {
          ...shared,
          name: 'system',
          include: ['test/{conformance,integration,e2e,deploy,security,examples,browser}/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          globalSetup: ['test/helpers/global-setup.ts'],
          setupFiles: ['test/helpers/scratch.ts'],
          fileParallelism: false,
        },
      },
    ],
  },
});
