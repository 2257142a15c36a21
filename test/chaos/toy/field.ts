import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createId } from '#contracts/ids';
import type { JobRequest } from '#contracts/request';
import { createEngine, type WiredEngine } from '#engine/create';
import type { NewJob } from '#engine/engine';
import { layout } from '#engine/layout';
import { createLogger } from '#runtime/log';
import { createProducer } from '#runtime/queue';
import { closeRedis, createRedis, type RedisClient, waitForRedis } from '#runtime/redis';
import { createFileStorage } from '#storage/file';
import type { Storage } from '#storage/storage';
import { type Program, startProgram } from '../../../scripts/stack/program.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { root } from '../../helpers/tools.ts';
import { type Journal, openJournal } from '../journal.ts';
import { buildToyWorker } from './build.ts';
import { type Line, readLedger } from './ledger.ts';
import { type Toy, type ToySettings, toyPipeline } from './pipeline.ts';

export interface Field {
  redis: TestRedis;
  /** A connection that waits while Redis is away. */
  client: RedisClient;
  storage: Storage;
  engine: WiredEngine;
  /** What was told of a job, read over the connection that waits: hundreds are asked for at once. */
  events: WiredEngine['events'];
  journal: Journal;
  dir: string;
  /** Log lines of all workers. */
  log: string[];
  workers: Program[];
  /** Those that SIGKILL has ended so far, whoever sent it. */
  deaths: readonly Death[];
  startWorker(env?: Record<string, string>): Promise<Program>;
  /** Journalled when it is acknowledged; null when it was refused. */
  post(toy: Toy, extra?: Partial<NewJob>): Promise<string | null>;
  ledger(): Line[];
  openJobs(): Promise<number>;
  /** Waits until no job is open. False when none ends for so long: a slow disk makes them late, and late is not lost. */
  allEnded(quietMs: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface Death {
  pid: number;
  atMs: number;
}

export interface FieldOptions {
  workers: number;
  env?: Record<string, string>;
  redisArgs?: string[];
}

/** Ten thousand names are listed each time, and no event tells a bystander that a job has ended. */
const lookEveryMs = 250;

/** Short locks and rounds: what P3 promises in 20 s at 10-second locks shows here in a fifth of the time. */
export const shortLives = { CUTROOM_LOCK_SECONDS: '2', CUTROOM_RECONCILE_SECONDS: '2' };

/** A Redis, a storage and worker processes of their own; the caller is the client, and keeps the books. */
export async function startField({ workers: count, env = {}, redisArgs = [] }: FieldOptions): Promise<Field> {
  const file = buildToyWorker();
  const redis = await startRedis({ args: redisArgs });
  const dir = mkdtempSync(join(tmpdir(), 'cutroom-chaos-'));
  const ledgerPath = join(dir, 'ledger');
  mkdirSync(join(dir, 'scratch'));
  writeFileSync(ledgerPath, '');
  const storage = await createFileStorage(join(dir, 'storage'));
  const quiet = createLogger({ level: 'silent', name: 'chaos' });
  const client = createRedis({ url: redis.url, role: 'worker', log: quiet });
  const commands = createRedis({ url: redis.url, role: 'commands', log: quiet });
  const producer = createProducer({ redisUrl: redis.url, log: quiet });
  await Promise.all([waitForRedis(client, AbortSignal.timeout(10_000)), producer.whenReady(AbortSignal.timeout(10_000))]);
  const parts = { pipeline: toyPipeline, storage, subscriber: null, producer, retentionDays: 1 };
  const engine = createEngine({ ...parts, redis: commands });
  const journal = openJournal(join(dir, 'acknowledged'));
  const log: string[] = [];
  const workers: Program[] = [];
  const deaths: Death[] = [];

  const startWorker = async (more: Record<string, string> = {}) => {
    const worker = startProgram({
      file,
      cwd: root,
      env: { ...workerEnvironment(dir, redis.url), ...shortLives, TOY_LEDGER: ledgerPath, ...env, ...more },
      readyLine: /^cutroom worker ready$/,
      onLog: (line) => void (log.push(line) > 5_000 && log.shift()),
    });
    workers.push(worker);
    worker.exited.then(({ signal }) => {
      workers.splice(workers.indexOf(worker), 1);
      if (signal === 'SIGKILL') deaths.push({ pid: worker.pid, atMs: Date.now() });
    });
    await worker.ready;
    return worker;
  };
  const openJobs = async () => (await storage.list(layout.openJobs, { limit: 100_000 })).length;

  const field: Field = {
    redis,
    client,
    storage,
    engine,
    events: createEngine({ ...parts, redis: client }).events,
    journal,
    dir,
    log,
    workers,
    deaths,
    startWorker,
    openJobs,
    async post(toy, extra = {}) {
      const id = createId('job');
      const accepted = await engine.jobs.create({ ...toJob(toy, id), ...extra, id }).catch(() => null);
      if (accepted) journal.add(id);
      return accepted && id;
    },
    ledger: () => readLedger(ledgerPath),
    async allEnded(quietMs) {
      let open = await openJobs();
      for (let since = Date.now(); open > 0 && Date.now() - since < quietMs; ) {
        await delay(lookEveryMs);
        const left = await openJobs();
        if (left < open) since = Date.now();
        open = left;
      }
      return open === 0;
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.stop(20_000)));
      await Promise.all([closeRedis(client), closeRedis(commands), producer.close(), storage.close()]);
      journal.close();
      await redis.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await Promise.all(Array.from({ length: count }, () => startWorker()));
  return field;
}

function workerEnvironment(dir: string, redisUrl: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    TMPDIR: dir,
    CUTROOM_DATA_DIR: dir,
    CUTROOM_POOLS: 'prepare,render,deliver',
    CUTROOM_ALLOW_PRIVATE_NETS: '127.0.0.0/8',
    CUTROOM_LOG_LEVEL: 'warn',
    REDIS_URL: redisUrl,
  };
}

function toJob(toy: Toy, id: string): NewJob {
  return {
    tenant: 'local',
    request: { input: { asset_id: createId('ast') } } as JobRequest,
    settings: { limits: { timeout_s: 900 }, content_type: 'general', toy } as unknown as ToySettings,
    input: { sha256: id, blob: 'none', bytes: 1 },
    asset_id: null,
    priority: 'normal',
    batch_id: null,
    external_id: null,
    metadata: {},
    webhook: null,
  };
}
