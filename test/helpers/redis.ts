import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServerCommand, startRedisServer, stopProcess } from '../../packages/runtime/redis-server.ts'; // relative: vitest loads a global set-up without the condition `source`
import { readTools } from './tools.ts';

export interface TestRedis {
  url: string;
  port: number;
  readonly pid: number;
  dir: string;
  /** Ends the server the hard or the soft way and waits until it is gone; its folder stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and folder; it reads its append file back. */
  restart(): Promise<void>;
  /** Stops the server and removes its folder. */
  close(): Promise<void>;
}

/**
 * A real redis-server of its own: free port on loopback, append file in a temporary folder, `noeviction`.
 * `args` go to the server last, so they win.
 */
export async function startRedis({ args = [] }: { args?: string[] } = {}): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'cutroom-redis-'));
  const command = serverCommand(dir, args);
  let server = await startRedisServer(command);
  const { port } = server;
  const kill = (signal: NodeJS.Signals = 'SIGKILL') => stopProcess(server.child, { signal, graceMs: 5_000 });
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return server.child.pid!;
    },
    kill,
    restart: async () => {
      server = await startRedisServer(command, port);
    },
    close: async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function serverCommand(dir: string, extra: string[]): RedisServerCommand {
  const { redis } = readTools();
  if (redis.kind !== 'server') throw new Error('Tests need a real redis-server: install one, remove .runtime and run ./run test.');
  const durability = ['--dir', dir, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'];
  return { command: redis.path, args: (port) => ['--port', String(port), '--bind', '127.0.0.1', ...durability, ...extra] };
}
