import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '#runtime/log';
import { closeRedis, createRedis } from '#runtime/redis';
import { type RedisServerProcess, startRedisServer, stopProcess } from '#runtime/redis-server';
import { openQueues } from '../helpers/queues.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { readTools } from '../helpers/tools.ts';
import { until } from '../helpers/until.ts';

let folder: string;
let master: TestRedis;
let replica: TestRedis;
let sentinel: RedisServerProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-sentinel-'));
  master = await startRedis();
  replica = await startRedis({ args: ['--replicaof', '127.0.0.1', String(master.port)] });
  const { redis } = readTools();
  const file = join(folder, 'sentinel.conf');
  const about = ['monitor main 127.0.0.1 {} 1', 'down-after-milliseconds main 500', 'failover-timeout main 3000'];
  writeFileSync(file, about.map((line) => `sentinel ${line.replace('{}', String(master.port))}\n`).join(''));
  const args = (port: number) => [file, '--sentinel', '--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  sentinel = await startRedisServer({ command: (redis as { path: string }).path, args });
});
afterEach(async () => {
  await stopProcess(sentinel.child, { signal: 'SIGKILL', graceMs: 0 });
  await Promise.all([master.close(), replica.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** What the replica says of itself. */
async function replication(): Promise<string> {
  const client = createRedis({ url: replica.url, role: 'worker', log: createLogger({ level: 'silent', name: 'test' }) });
  try {
    return await client.info('replication');
  } finally {
    await closeRedis(client);
  }
}

it('jobs go on at the replica after the master has died, and nobody is restarted', async () => {
  const { producer, work } = await openQueues(`redis-sentinel://127.0.0.1:${sentinel.port}/main`);
  const seen: string[] = [];
  work(async ({ id }) => {
    seen.push(id);
    return 'done';
  });
  const enqueue = (id: string) => producer.enqueue('render', { id, data: {}, priority: 'normal' });
  await enqueue('j.before');
  await until(() => seen.includes('j.before'));
  await until(async () => (await replication()).includes('master_link_status:up'));
  await master.kill();
  await until(() => !producer.isReady());
  await expect(enqueue('j.refused')).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' });
  await until(
    () =>
      enqueue('j.after')
        .then(() => true)
        .catch(() => false),
    20_000,
  );
  await until(() => seen.includes('j.after'), 15_000);
  expect(await replication()).toContain('role:master');
});
