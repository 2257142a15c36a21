import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { waitUntilGone } from './leftovers.ts';
import { startRedis } from './redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** One real redis-server for the whole run; a test file takes a random key prefix on it. */
    redisUrl: string;
    /** What tests get for TMPDIR: empty again when the run ends, and the mark by which their processes are known. */
    scratchDir: string;
  }
}

const graceMs = 3_000;

/** Starts what the system tests share; afterwards nothing may be left of them, neither a process nor a file. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  const scratchDir = mkdtempSync(join(tmpdir(), 'cutroom-test-'));
  project.provide('redisUrl', redis.url);
  project.provide('scratchDir', scratchDir);
  return async () => {
    await redis.close();
    const processes = await waitUntilGone(scratchDir, graceMs);
    const files = readdirSync(scratchDir);
    rmSync(scratchDir, { recursive: true, force: true });
    const left = [...processes.map((name) => `process ${name}`), ...files.map((name) => `file ${name}`)];
    if (left.length === 0) return;
    process.exitCode = 1; // vitest reports what a teardown throws, but exits 0
    throw new Error(`The tests left behind:\n  ${left.join('\n  ')}`);
  };
}
