import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, type RedisClient, waitForRedis } from '#runtime/redis';
import { assertNoEviction, readRedisInfo } from '#runtime/redis-health';
import { startRedisServer, stopProcess } from '#runtime/redis-server';
import { readTools, root } from '../helpers/tools.ts';

const mebibyte = 1_048_576;

describe('the Redis roles, started from their files', () => {
  it('queue: what the service demands, and every accepted write survives a SIGKILL', async () => {
    await using folder = temporaryFolder();
    await withRole('queue', folder.path, async (redis) => {
      expect(await assertNoEviction(redis)).toMatchObject({ maxMemoryBytes: 512 * mebibyte });
      await redis.set('accepted', '1');
    });
    await withRole('queue', folder.path, async (redis) => expect(await redis.get('accepted')).toBe('1'));
  });

  it('cache: bounded, evicting, empty after a restart, and refused as a queue', async () => {
    await using folder = temporaryFolder();
    await withRole('cache', folder.path, async (redis) => {
      expect(await readRedisInfo(redis)).toMatchObject({ policy: 'allkeys-lru', maxMemoryBytes: 256 * mebibyte });
      await expect(assertNoEviction(redis)).rejects.toThrow('must be noeviction');
      await redis.set('cached', '1');
    });
    await withRole('cache', folder.path, async (redis) => expect(await redis.get('cached')).toBeNull());
  });
});

/** Address and folder are the test's, everything else is the file's. Ends with SIGKILL. */
async function withRole(role: 'queue' | 'cache', dir: string, use: (redis: RedisClient) => Promise<void>): Promise<void> {
  const file = join(root, `deploy/redis/${role}.conf`);
  const { redis: tool } = readTools();
  const args = (port: number) => [file, '--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
  const server = await startRedisServer({ command: tool.path, args });
  const log = createLogger({ level: 'silent', name: 'test' });
  const redis = createRedis({ url: `redis://127.0.0.1:${server.port}`, role: 'commands', log });
  try {
    await waitForRedis(redis, AbortSignal.timeout(5_000));
    await use(redis);
  } finally {
    await stopProcess(server.child, { signal: 'SIGKILL', graceMs: 0 });
    await closeRedis(redis);
  }
}

function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'cutroom-roles-'));
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true, force: true }) };
}
