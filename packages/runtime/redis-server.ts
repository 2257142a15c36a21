import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface RedisServerCommand {
  command: string;
  /** Complete arguments for a server that shall listen on this loopback port. */
  args: (port: number) => string[];
  /** Configuration file handed over on stdin, for what must not be seen in the list of processes. */
  config?: string;
  /** Answer to AUTH; empty = none is asked for. */
  password?: string;
  readyTimeoutMs?: number;
}

export interface RedisServerProcess {
  port: number;
  child: ChildProcess;
  /** Last output, for the message when it ends. */
  output: () => string;
}

const setpriv = '/usr/bin/setpriv';

/** Starts a server on `port`, or on a free one, and waits until it answers PING. Throws with its last words when it ends first. */
export async function startRedisServer(server: RedisServerCommand, port?: number): Promise<RedisServerProcess> {
  if (port !== undefined) return startOn(server, port);
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOn(server, await freePort());
    } catch (error) {
      // Between choosing a free port and listening on it somebody else may take it.
      if (attempt === 5 || !/Address already in use|EADDRINUSE/.test(String(error))) throw error;
    }
  }
}

async function startOn(server: RedisServerCommand, port: number): Promise<RedisServerProcess> {
  const [command, args] = diesWithParent([server.command, server.args(port)]);
  // A group of its own: Ctrl-C in the terminal must not end it before the workers have drained.
  const child = spawn(command, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output = (output + chunk).slice(-4_000)));
  child.stdin.on('error', () => {}); // it ended before reading: its exit says so
  child.stdin.end(server.config ?? '');
  const failed = new Promise<Error>((resolve) => child.once('error', resolve));
  const deadline = Date.now() + (server.readyTimeoutMs ?? 10_000);
  while (!(await answersPing({ port, password: server.password ?? '' }))) {
    if (child.pid === undefined) throw await failed;
    if (hasEnded(child)) throw new Error(`The Redis server ended while starting: ${output.trim()}`);
    if (Date.now() > deadline) {
      await stopProcess(child, { signal: 'SIGKILL', graceMs: 0 });
      throw new Error(`The Redis server did not answer in time: ${output.trim()}`);
    }
    await delay(10); // there is no event for "another process listens now"
  }
  return { port, child, output: () => output };
}

/** Sends the signal, then SIGKILL when it is still there after `graceMs`; resolves when it is gone. */
export async function stopProcess(child: ChildProcess, { signal, graceMs }: { signal: NodeJS.Signals; graceMs: number }): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
  await gone;
  clearTimeout(timer);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** On Linux the kernel ends the child when its parent dies, however it dies; elsewhere the next start finds what is left. */
export function diesWithParent([command, args]: [string, string[]]): [string, string[]] {
  try {
    accessSync(setpriv, constants.X_OK);
    return [setpriv, ['--pdeathsig', 'TERM', command, ...args]];
  } catch {
    return [command, args];
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answersPing({ port, password }: { port: number; password: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const greeting = password === '' ? 'PING\r\n' : `AUTH ${password}\r\nPING\r\n`;
    const socket = connect(port, '127.0.0.1', () => socket.write(greeting));
    let reply = '';
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('data', (chunk) => {
      reply += chunk;
      if (/\+PONG\r\n$|^-/.test(reply)) socket.destroy();
    });
    socket.once('error', () => {});
    socket.once('close', () => resolve(reply.endsWith('+PONG\r\n')));
  });
}
