import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from '../../scripts/setup/build.mjs';
import { type Program, startProgram } from '../../scripts/stack/program.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { readTools, root } from './tools.ts';

export interface ServiceOptions {
  /** What each worker process serves; more than one worker with the same pools are rivals for the same work. */
  pools?: string;
  /** How many worker processes; 0 = the test starts them itself. */
  separateWorkers?: number;
  /** Over everything that is set here. Port 0, private nets and a quiet log are the defaults. */
  env?: Record<string, string>;
  /** Every program gets a data folder of its own, as on machines that share only Redis and the storage of `env`. */
  apart?: boolean;
  /** Over all of it, for workers alone. */
  workerEnv?: Record<string, string>;
  /** What each worker is started through, in turns. */
  workerPrefixes?: readonly (readonly string[])[];
  /** An own server is started, and stopped at the end, when none is given. */
  redis?: TestRedis;
}

export interface Service {
  url: string;
  redis: TestRedis;
  dataDir: string;
  readonly apiPid: number;
  readonly workerPids: number[];
  /** Log lines of all programs so far, the newest last. */
  log: string[];
  /** Ends the first worker and waits until it is gone. */
  killWorker(signal?: NodeJS.Signals): Promise<void>;
  startWorker(pools?: string): Promise<number>;
  killApi(signal?: NodeJS.Signals): Promise<void>;
  /** On the port that it had. */
  startApi(env?: Record<string, string>): Promise<void>;
  /** Resolves when the API that runs now has ended, whoever ended it. */
  apiExited(): Promise<unknown>;
  close(): Promise<void>;
}

const stopGraceMs = 20_000;

/** The real API and worker programs as separate processes, on a data folder and a Redis of their own: nothing is shared with another test. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  ensureBuilt(root);
  const dataDir = mkdtempSync(join(tmpdir(), 'cutroom-service-'));
  const redis = options.redis ?? (await startRedis());
  const log: string[] = [];
  const env = environment({ dataDir, redisUrl: redis.url, env: options.env ?? {} });
  let started = 0;
  const start = (name: 'api' | 'worker', extra: Record<string, string> = {}, prefix?: readonly string[]) => {
    const ownDir = options.apart ? { CUTROOM_DATA_DIR: join(dataDir, `machine-${started++}`) } : {};
    const readyLine = name === 'api' ? /^cutroom listening (http\S+)$/ : /^cutroom worker ready$/;
    return startProgram({
      file: join(root, `dist/apps/${name}/main.js`),
      prefix,
      cwd: root,
      env: { ...env, ...ownDir, ...extra },
      readyLine,
      onLog: (line) => log.push(line),
    });
  };
  let api = start('api');
  let workers: Program[] = [];
  const startWorker = async (pools = options.pools) => {
    const prefix = options.workerPrefixes?.[workers.length % options.workerPrefixes.length];
    const worker = start('worker', { CUTROOM_PORT: '0', ...options.workerEnv, ...(pools && { CUTROOM_POOLS: pools }) }, prefix);
    workers.push(worker);
    await worker.ready;
    return worker.pid;
  };
  const close = async () => {
    await Promise.all([api, ...workers].map((program) => program.stop(stopGraceMs)));
    if (!options.redis) await redis.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const [url] = await Promise.all([api.ready, ...Array.from({ length: options.separateWorkers ?? 1 }, () => startWorker())]);
    return {
      url,
      redis,
      dataDir,
      get apiPid() {
        return api.pid;
      },
      get workerPids() {
        return workers.map(({ pid }) => pid);
      },
      log,
      killWorker: async (signal = 'SIGKILL') => {
        const [victim, ...others] = workers;
        workers = others;
        await end(victim, signal);
      },
      startWorker,
      killApi: (signal = 'SIGKILL') => end(api, signal),
      apiExited: () => api.exited,
      startApi: async (extra = {}) => {
        api = start('api', { ...extra, CUTROOM_PORT: new URL(url).port });
        await api.ready;
      },
      close,
    };
  } catch (error) {
    await close();
    throw new Error(`The service did not start; its last log lines:\n${log.slice(-20).join('\n')}`, { cause: error });
  }
}

async function end(program: Program | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!program) throw new Error('There is no worker left to end.');
  program.kill(signal);
  await program.exited;
}

function environment({ dataDir, redisUrl, env }: { dataDir: string; redisUrl: string; env: Record<string, string> }): NodeJS.ProcessEnv {
  const { ffmpeg, ffprobe } = readTools();
  return {
    ...process.env,
    CUTROOM_PORT: '0',
    CUTROOM_DATA_DIR: dataDir,
    CUTROOM_ALLOW_PRIVATE_NETS: '127.0.0.0/8',
    REDIS_URL: redisUrl,
    FFMPEG_PATH: ffmpeg.path,
    FFPROBE_PATH: ffprobe.path,
    ...env,
  };
}
