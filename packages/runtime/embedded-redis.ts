import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type RedisServerCommand, type RedisServerProcess, startRedisServer, stopProcess } from './redis-server.ts';

export interface EmbeddedRedisOptions {
  /** A redis-server or valkey-server; or the stand-in, a Node script that takes a port and keeps nothing. */
  server: { kind: 'server' | 'stand-in'; path: string };
  /** Its files live in `<dataDir>/redis` and are read back at the next start. */
  dataDir: string;
  log: EmbeddedRedisLog;
}

export interface EmbeddedRedisLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface EmbeddedRedis {
  /** With a password made for this start, so that other users of the machine cannot read the queue. */
  url: string;
  readonly pid: number;
  /** Lets it write its append file and waits until it is gone. */
  close(): Promise<void>;
}

const stopGraceMs = 5_000;
const restartDelayMs = 200;
/** Queues are rebuilt from storage, so a fixed bound is enough, and admission stops long before it. */
const maxMemory = '256mb';

/**
 * The queue's Redis as a child of this process: loopback, append-only file every second (0 acknowledged adds lost over 5 SIGKILLs of it),
 * `noeviction`. Comes back by itself, on the same port, when it crashes. Throws when another one uses the data folder.
 */
export async function createEmbeddedRedis({ server, dataDir, log }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const dir = join(dataDir, 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  await claimFolder(dir);
  const command = server.kind === 'server' ? serverCommand(server.path, dir) : standInCommand(server.path);
  let current = await startWithReadableFile({ command, dir, log });
  let closing = false;

  const watch = (running: RedisServerProcess) => {
    writeOwner(dir, running.child.pid!);
    running.child.once('exit', async (code, signal) => {
      while (!closing) {
        log.warn({ code, signal, output: running.output() }, 'embedded Redis ended; starting it again');
        await delay(restartDelayMs); // spares the machine when it ends at once, over and over
        try {
          current = await startRedisServer(command, running.port);
          if (closing) await stopProcess(current.child, { signal: 'SIGTERM', graceMs: stopGraceMs });
          else watch(current);
          return;
        } catch (error) {
          log.warn({ err: error }, 'embedded Redis could not be started again');
        }
      }
    });
  };
  watch(current);

  return {
    url: `redis://${command.password ? `:${command.password}@` : ''}127.0.0.1:${current.port}`,
    get pid() {
      return current.child.pid!;
    },
    close: async () => {
      closing = true;
      await stopProcess(current.child, { signal: 'SIGTERM', graceMs: stopGraceMs });
      rmSync(ownerFile(dir), { force: true });
    },
  };
}

function serverCommand(path: string, dir: string): RedisServerCommand {
  const password = randomBytes(16).toString('hex');
  const fixed = ['--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'yes', '--appendfsync', 'everysec'];
  const memory = ['--maxmemory-policy', 'noeviction', '--maxmemory', maxMemory];
  return {
    command: path,
    args: (port) => ['-', '--port', String(port), ...fixed, ...memory],
    config: `requirepass ${password}\n`,
    password,
  };
}

function standInCommand(path: string): RedisServerCommand {
  return { command: process.execPath, args: (port) => [path, String(port)] };
}

/** A damaged append file is put aside, not repaired: storage is the truth, and the reconciler fills the queues again. */
async function startWithReadableFile(given: {
  command: RedisServerCommand;
  dir: string;
  log: EmbeddedRedisLog;
}): Promise<RedisServerProcess> {
  const { command, dir, log } = given;
  const files = join(dir, 'appendonlydir');
  try {
    return await startRedisServer(command);
  } catch (error) {
    if (!/append only file|AOF|Bad file format/i.test(String(error)) || !existsSync(files)) throw error;
    const aside = `${files}.unreadable-${Date.now()}`;
    renameSync(files, aside);
    log.warn(
      { err: error, aside },
      'the append file of the embedded Redis was unreadable and is put aside; queues are rebuilt from storage',
    );
    return startRedisServer(command);
  }
}

interface Owner {
  pid: number;
  parent: number;
}

/** Two servers would ruin one append file. A server whose parent has gone is ended; one that still has its parent wins. */
async function claimFolder(dir: string): Promise<void> {
  const owner = readOwner(dir);
  if (!owner || parentOfServer(owner.pid) === null) return;
  if (parentOfServer(owner.pid) === owner.parent) {
    throw new Error(`Another cutroom uses ${dir} (process ${owner.parent}): stop it, or set CUTROOM_DATA_DIR.`);
  }
  process.kill(owner.pid, 'SIGTERM');
  const deadline = Date.now() + stopGraceMs;
  while (parentOfServer(owner.pid) !== null) {
    if (Date.now() > deadline) throw new Error(`The Redis of an earlier run (process ${owner.pid}) does not end.`);
    await delay(50); // it is not our child: no event tells
  }
}

function readOwner(dir: string): Owner | null {
  try {
    return JSON.parse(readFileSync(ownerFile(dir), 'utf8')) as Owner;
  } catch {
    return null;
  }
}

function writeOwner(dir: string, pid: number): void {
  writeFileSync(ownerFile(dir), JSON.stringify({ pid, parent: process.pid } satisfies Owner));
}

function ownerFile(dir: string): string {
  return join(dir, 'owner.json');
}

/** Who started it; null when the process has gone or its number now belongs to something else. */
function parentOfServer(pid: number): number | null {
  try {
    const [, parent, command] =
      /^\s*(\d+)\s+(.*)/.exec(execFileSync('ps', ['-o', 'ppid=,args=', '-p', String(pid)], { encoding: 'utf8' })) ?? [];
    return command && /redis|valkey/.test(command) ? Number(parent) : null;
  } catch {
    return null;
  }
}
