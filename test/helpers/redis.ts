import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readTools } from './tools.ts';

export interface TestRedis {
  url: string;
  port: number;
  pid: number;
  dir: string;
  /** Ends the server the hard or the soft way and waits until it is gone; its folder stays. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and folder; it reads its append file back. */
  restart(): Promise<void>;
  /** Stops the server and removes its folder. */
  close(): Promise<void>;
}

const readyTimeoutMs = 10_000;

/**
 * A real redis-server of its own: free port on loopback, append file in a temporary folder, `noeviction`.
 * `args` go to the server last, so they win.
 */
export async function startRedis({ args = [] }: { args?: string[] } = {}): Promise<TestRedis> {
  const dir = mkdtempSync(join(tmpdir(), 'cutroom-redis-'));
  let { child, port } = await startOnFreePort({ dir, args });
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    dir,
    get pid() {
      return child.pid!;
    },
    kill,
    restart: async () => {
      child = await startServer({ dir, args, port });
    },
    close: async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

interface Start {
  dir: string;
  args: string[];
  port: number;
}

/** Between choosing a free port and listening on it somebody else may take it: then another one is tried. */
async function startOnFreePort(given: Omit<Start, 'port'>, attempts = 5): Promise<{ child: ChildProcess; port: number }> {
  const port = await freePort();
  try {
    return { child: await startServer({ ...given, port }), port };
  } catch (error) {
    if (attempts > 1 && String(error).includes('Address already in use')) return startOnFreePort(given, attempts - 1);
    throw error;
  }
}

async function startServer({ dir, args, port }: Start): Promise<ChildProcess> {
  const { redis } = readTools();
  if (redis.kind !== 'server') throw new Error('Tests need a real redis-server: install one, remove .runtime and run ./run test.');
  const child = spawn(redis.path, [...serverOptions({ port, dir }), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk).slice(-4_000)));
  const deadline = Date.now() + readyTimeoutMs;
  while (!(await answersPing(port))) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`redis-server ended at once: ${output}`);
    if (Date.now() > deadline) throw new Error(`redis-server did not answer within ${readyTimeoutMs} ms: ${output}`);
    await delay(10); // there is no event for "another process now listens"
  }
  return child;
}

function serverOptions({ port, dir }: { port: number; dir: string }): string[] {
  const network = ['--port', String(port), '--bind', '127.0.0.1'];
  const durability = ['--dir', dir, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
  return [...network, ...durability, '--maxmemory-policy', 'noeviction'];
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (reply) => socket.destroy(reply.toString().startsWith('+PONG') ? undefined : new Error('not ready')));
    socket.once('error', () => resolve(false));
    socket.once('close', (failed) => resolve(!failed && socket.bytesRead > 0));
  });
}
