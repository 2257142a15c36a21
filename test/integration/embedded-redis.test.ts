import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createEmbeddedRedis, type EmbeddedRedis } from '#runtime/embedded-redis';
import { readTools, root } from '../helpers/tools.ts';

const log = { info: vi.fn(), warn: vi.fn() };
const { kind, path } = readTools().redis;
const standIn = { kind: 'stand-in' as const, path: join(root, 'scripts/stand-in-redis.mjs') };
const dataDir = mkdtempSync(join(tmpdir(), 'cutroom-embedded-'));
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(server: { kind: 'server' | 'stand-in'; path: string } = { kind, path }): Promise<EmbeddedRedis> {
  const redis = await createEmbeddedRedis({ server, dataDir, log });
  open.push(redis);
  return redis;
}

function connect(url: string): Redis {
  const client = new Redis(url, { retryStrategy: () => 50 });
  client.on('error', () => {});
  open.push({ close: async () => client.disconnect() });
  return client;
}

describe('the embedded Redis', () => {
  test('listens on loopback with a password, keeps an append file and evicts nothing', async () => {
    const redis = await start();
    const client = connect(redis.url);
    expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    expect(await client.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    const stranger = connect(redis.url.replace(/:[^:@]*@/, ''));
    await expect(stranger.ping()).rejects.toThrow('NOAUTH');
    expect(readFileSync(`/proc/${redis.pid}/cmdline`, 'utf8')).not.toContain(new URL(redis.url).password);
  });

  test('reads its data folder back at the next start', async () => {
    const first = await start();
    await connect(first.url).set('kept', 'yes');
    await first.close();
    const second = await start();
    expect(await connect(second.url).get('kept')).toBe('yes');
  });

  test('comes back on the same port with every acknowledged write when it is killed', async () => {
    const redis = await start();
    const client = connect(redis.url);
    await client.set('kept', 'yes');
    const killed = redis.pid;
    process.kill(killed, 'SIGKILL');
    await vi.waitFor(async () => expect(redis.pid).not.toBe(killed), { timeout: 5_000 });
    expect(await client.get('kept')).toBe('yes');
  });

  test('refuses a data folder that another one uses', async () => {
    await start();
    await expect(createEmbeddedRedis({ server: { kind, path }, dataDir, log })).rejects.toThrow('Another cutroom uses');
  });

  test('puts a ruined append file aside and starts empty', async () => {
    const first = await start();
    await connect(first.url).set('lost', 'yes');
    await first.close();
    const manifest = join(dataDir, 'redis/appendonlydir/appendonly.aof.manifest');
    const file = /file (\S+\.incr\.aof)/.exec(readFileSync(manifest, 'utf8'))![1]!;
    writeFileSync(join(dataDir, 'redis/appendonlydir', file), 'this is no append only file\r\n'.repeat(50));
    const second = await start();
    expect(await connect(second.url).get('lost')).toBeNull();
    expect(log.warn).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('put aside'));
  });

  test('loads an append file whose end was cut off', async () => {
    const first = await start();
    const client = connect(first.url);
    await client.set('early', 'yes');
    await client.set('late', 'x'.repeat(10_000));
    await first.close();
    const file = join(dataDir, 'redis/appendonlydir/appendonly.aof.1.incr.aof');
    truncateSync(file, readFileSync(file).length - 100);
    const second = await start();
    expect(await connect(second.url).mget('early', 'late')).toEqual(['yes', null]);
  });

  test('ends when the process that started it is killed', async () => {
    const given = JSON.stringify({ server: { kind, path }, dataDir });
    const script = `import { createEmbeddedRedis } from '${root}/packages/runtime/embedded-redis.ts';
      const redis = await createEmbeddedRedis({ ...${given}, log: { info() {}, warn() {} } });
      process.stdout.write(String(redis.pid)); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      cwd: root,
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(parent.stdout, 'data')) as [Buffer];
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH'), { timeout: 3_000 });
  });
});

describe('the stand-in', () => {
  test('answers on loopback alone', async () => {
    const redis = await start(standIn);
    const client = connect(redis.url);
    await client.set('a', '1');
    expect(await client.get('a')).toBe('1');
    const port = Number(new URL(redis.url).port);
    const listening = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8');
    const addresses = listening
      .split('\n')
      .filter((line) => line.includes(`:${port.toString(16).toUpperCase().padStart(4, '0')} 0`) && / 0A /.test(line));
    expect(addresses.map((line) => line.trim().split(/\s+/)[1])).toEqual([`0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`]);
  });
});
