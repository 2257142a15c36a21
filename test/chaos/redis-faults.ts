import { createLogger } from '#runtime/log';
import { closeRedis, createRedis, type RedisClient, waitForRedis } from '#runtime/redis';
import { startLine } from '../helpers/line.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';

export const faultNames = ['refused', 'stopped', 'black hole', 'NOAUTH', 'LOADING', 'READONLY', 'OOM'] as const;
export type FaultName = (typeof faultNames)[number];

export interface FrailRedis {
  /** What the programs are given: its URL leads through a line that can be broken. */
  redis: TestRedis;
  break(fault: FaultName): Promise<void>;
  /** Takes the fault away; resolves when Redis serves whoever connects anew. */
  heal(fault: FaultName): Promise<void>;
  close(): Promise<void>;
}

/** So many commands are read again while it loads, each with this pause; together more than the longest fault lasts. */
const ballast = 150_000;
const loadPauseUs = 600;

/** A real server in real trouble; only the black hole is made on the line before it. */
export async function startFrailRedis(): Promise<FrailRedis> {
  const server = await startRedis({ args: ['--enable-debug-command', 'local'] });
  const line = await startLine(server.port);
  const quiet = createLogger({ level: 'silent', name: 'faults' });
  const open = async () => {
    const client = createRedis({ url: server.url, role: 'worker', log: quiet });
    await waitForRedis(client, AbortSignal.timeout(10_000));
    return client;
  };
  const control = await open();
  const [loader, second] = [await open(), await open()];
  let loading: Promise<unknown> = Promise.resolve();
  const set = (name: string, value: string | number, client: RedisClient = control) => client.config('SET', name, value);
  const breaks: Record<FaultName, () => Promise<unknown>> = {
    refused: async () => {
      line.harm('reset');
      await server.kill('SIGKILL');
    },
    stopped: async () => process.kill(server.pid, 'SIGSTOP'),
    'black hole': async () => line.harm('lost'),
    async NOAUTH() {
      await set('requirepass', 'changed');
      line.harm('reset'); // who is in stays in: the new password is for those who come
      line.heal();
    },
    async LOADING() {
      await set('key-load-delay', loadPauseUs);
      loading = loader.call('DEBUG', 'LOADAOF');
    },
    READONLY: () => control.call('REPLICAOF', '127.0.0.1', '1'),
    OOM: () => set('maxmemory', 1_000_000),
  };
  const heals: Record<FaultName, () => Promise<unknown>> = {
    async refused() {
      await server.restart();
      line.heal();
    },
    stopped: async () => process.kill(server.pid, 'SIGCONT'),
    'black hole': async () => line.heal(),
    NOAUTH: () => set('requirepass', ''),
    async LOADING() {
      await set('key-load-delay', 0, second);
      await loading;
    },
    READONLY: () => control.call('REPLICAOF', 'NO', 'ONE'),
    OOM: () => set('maxmemory', 0),
  };
  return {
    redis: { ...server, pid: server.pid, url: `redis://127.0.0.1:${line.port}` },
    async break(fault) {
      if (fault === 'LOADING') await fill(control);
      await breaks[fault]();
    },
    async heal(fault) {
      await heals[fault]();
      await waitForRedis(control, AbortSignal.timeout(10_000));
    },
    async close() {
      await Promise.all([control, loader, second].map((client) => closeRedis(client)));
      await line.close();
      await server.close();
    },
  };
}

async function fill(client: RedisClient): Promise<void> {
  const script = `for i = 1, 1000 do redis.call('SET', KEYS[1] .. i % 10, '') end`;
  for (let done = 0; done < ballast; done += 1_000) await client.eval(script, 1, 'ballast:');
}
