import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { stopProcess } from '../../packages/runtime/redis-server.ts';

/** A network of its own for whatever runs in it: nothing but loopback, and one port that leads out through a socket file. */
export interface Namespace {
  /** Before a command: runs it inside. */
  prefix: string[];
  close(): Promise<void>;
}

/** Why there can be none here, or null. */
export function whyNoNamespaces(): string | null {
  const probe = `cutroom-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', probe], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'delete', probe], { stdio: 'ignore' });
    return null;
  } catch {
    return 'network namespaces need root and the program ip';
  }
}

export async function createNamespace(name: string, way: { port: number; socketPath: string }): Promise<Namespace> {
  const prefix = ['ip', 'netns', 'exec', name];
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['netns', 'exec', name, 'ip', 'link', 'set', 'lo', 'up']);
  const [command, ...words] = [...prefix, process.execPath, '-e', forwarder, String(way.port), way.socketPath];
  const child = spawn(command!, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return {
    prefix,
    async close() {
      await stopProcess(child, { signal: 'SIGTERM', graceMs: 2_000 });
      execFileSync('ip', ['netns', 'delete', name]);
    },
  };
}

/** Runs inside: a port of its loopback → the socket file. */
const forwarder = `
  const { connect, createServer } = require('node:net');
  const [port, path] = process.argv.slice(1);
  createServer((near) => {
    const far = connect(path);
    near.pipe(far).pipe(near);
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
  }).listen(Number(port), '127.0.0.1', () => console.log('open'));`;

/** The other end, outside: the socket file → a port of our loopback. */
export async function openSocketFile(path: string, port: number): Promise<{ close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) sockets.add(socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket)));
  }).listen(path);
  await once(server, 'listening');
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
