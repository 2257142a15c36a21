import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '#runtime/config';
import { createEmbeddedRedis, type EmbeddedRedis, type EmbeddedRedisLog, type EmbeddedRedisOptions } from '#runtime/embedded-redis';
import { type ProgramOptions, startProgram } from './program.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';

export interface StackOptions {
  /** The project's folder, with its `dist`. */
  root: string;
  env: NodeJS.ProcessEnv;
  config: Config;
  log: EmbeddedRedisLog & { error(fields: object, message: string): void };
  /** Log lines of the API and the worker. */
  onLog: (line: string) => void;
  signal: AbortSignal;
}

export interface Stack {
  url: string;
  /** What a person must know of this Redis: the stand-in loses every job at the end. */
  warning: string | null;
  /** Hurries a running `close`: the programs give back what they hold at once. */
  hurry(): void;
  /** API and worker drain, then Redis stops. */
  close(): Promise<void>;
}

const readyTimeoutMs = 60_000;

/**
 * The service on one machine: Redis (unless REDIS_URL names one), the API and one worker program, each a process of its own.
 * Resolves when `/readyz` says 200; throws, with nothing left running, when a program ends before that or the signal aborts.
 */
export async function createStack({ root, env, config, log, onLog, signal }: StackOptions): Promise<Stack> {
  const server = config.redisUrl === null ? embeddedServer(root, config) : null;
  if (server?.kind === 'stand-in' && env['NODE_ENV'] === 'production') throw new Error('The stand-in for Redis is refused in production.');
  mkdirSync(config.dataDir, { recursive: true });
  const redis = server && (await createEmbeddedRedis({ server, dataDir: config.dataDir, log }));
  const environment = { ...env, ...(redis && { REDIS_URL: redis.url }), CUTROOM_DATA_DIR: config.dataDir };
  const programs = startPrograms({ root, environment, onLog, log });
  const close = () => closeAll({ programs, redis, graceMs: config.drainMs + 5_000 });
  try {
    const [url = ''] = await Promise.race([Promise.all(programs.map(({ ready }) => ready)), rejectOnAbort(signal)]);
    await untilReady(url, signal);
    const hurry = () => {
      for (const program of programs) program.kill('SIGTERM');
    };
    return { url, warning: server?.warning ?? null, hurry, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Surroundings {
  root: string;
  environment: NodeJS.ProcessEnv;
  onLog: (line: string) => void;
  log: StackOptions['log'];
}

/** Both start at the same time. An API that comes back keeps the port it had. */
function startPrograms({ root, environment, onLog, log }: Surroundings): Supervisor[] {
  const common = (name: string) => ({ file: join(root, `dist/apps/${name}/main.js`), cwd: root, onLog }) satisfies Partial<ProgramOptions>;
  const onCrash = (fields: object) => log.error(fields, 'a program ended by itself; starting it again');
  const api = createSupervisor({
    name: 'api',
    onCrash,
    start: (earlier) => {
      const env = earlier === null ? environment : { ...environment, CUTROOM_PORT: new URL(earlier).port };
      return startProgram({ ...common('api'), env, readyLine: /^cutroom listening (http\S+)$/ });
    },
  });
  // A worker's port is for probes and scrapers alone; the one that is set belongs to the API.
  const env = { ...environment, CUTROOM_PORT: '0', CUTROOM_METRICS_PORT: '' };
  const start = () => startProgram({ ...common('worker'), env, readyLine: /^cutroom worker ready$/ });
  return [api, createSupervisor({ name: 'worker', onCrash, start })];
}

async function closeAll({ programs, redis, graceMs }: { programs: Supervisor[]; redis: EmbeddedRedis | null; graceMs: number }) {
  await Promise.all(programs.map((program) => program.stop(graceMs)));
  await redis?.close();
}

async function untilReady(url: string, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + readyTimeoutMs;
  for (;;) {
    const problem = await askReadiness(url, signal);
    signal.throwIfAborted();
    if (problem === null) return;
    if (Date.now() > deadline) throw new Error(`The service was not ready within ${readyTimeoutMs / 1_000} s: ${problem}`);
    await delay(50, undefined, { signal }); // readiness is asked for, not announced
  }
}

async function askReadiness(url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
    const text = await answer.text();
    return answer.ok ? null : text;
  } catch (error) {
    return (error as Error).message;
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function embeddedServer(root: string, config: Config): EmbeddedRedisOptions['server'] & { warning: string | null } {
  if (config.redisServerBin !== null) return { kind: 'server', path: config.redisServerBin, warning: null };
  const { redis } = JSON.parse(readFileSync(join(root, '.runtime/tools.json'), 'utf8'));
  if (!redis) throw new Error('No Redis is known: start with ./run serve, which finds or installs one.');
  return redis;
}
