import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { z } from 'zod';
import { ownCorpus } from '#contracts/research';
import type { Pool } from '#contracts/stage-declaration';
import { isAddress, isInNets, parseNets } from './address.ts';
import { circuitRules } from './circuit.ts';
import { variables } from './config-variables.ts';
import { retryRules } from './retry.ts';

type Variables = typeof variables;
type Values = {
  [Name in keyof Variables]: z.infer<Variables[Name]['schema']> | (null extends Variables[Name]['fallback'] ? null : never);
};

/** All settings of a process, parsed once in its `main.ts`. Paths are absolute. */
export type Config = ReturnType<typeof toConfig>;

export interface ConfigContext {
  /** A worker answers nobody but probes and scrapers, so it needs no admin key. */
  role: 'api' | 'worker';
  cwd: string;
}

/** Everything that is wrong with the environment at once, one line each. It never repeats a value: it may be a secret. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings are not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Pure: environment → settings. Throws a `ConfigError`. */
export function parseConfig(env: Environment, context: ConfigContext): Config {
  const problems = unknownNames(env);
  const values: Record<string, unknown> = {};
  for (const [name, { schema, fallback }] of Object.entries(variables)) {
    const given = readVariable(env, name)?.trim() || fallback;
    const parsed = given === null ? null : schema.safeParse(given);
    if (parsed?.error) problems.push(`${name}: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`);
    values[name] = parsed?.data ?? null;
  }
  if (problems.length === 0) problems.push(...contradictions(values as Values, env, context));
  if (problems.length > 0) throw new ConfigError(problems);
  return toConfig(values as Values, context.cwd);
}

/** Proxies are the business of many programs, which spell them either way. */
const readVariable = (env: Environment, name: string) =>
  env[name] ?? (/^(HTTPS?|NO)_PROXY$/.test(name) ? env[name.toLowerCase()] : undefined);

function unknownNames(env: Environment): string[] {
  const unknown = Object.keys(env).filter((name) => name.startsWith('CUTROOM_') && !(name in variables));
  return unknown.map((name) => `${name}: there is no such setting; see .env.example`);
}

function contradictions(values: Values, env: Environment, { role }: ConfigContext): string[] {
  const problems: string[] = [];
  if (role === 'api' && values.CUTROOM_ADMIN_KEY === null && !isLoopback(values.CUTROOM_HOST)) {
    problems.push('CUTROOM_ADMIN_KEY: must be set when CUTROOM_HOST is not a loopback address');
  }
  if (values.CUTROOM_FAILPOINT !== null && env['NODE_ENV'] === 'production') {
    problems.push('CUTROOM_FAILPOINT: refused in production');
  }
  return problems;
}

const dayMs = 86_400_000;

const loopback = parseNets('127.0.0.0/8, ::1/128');

function isLoopback(host: string): boolean {
  return host === 'localhost' || (isAddress(host) && isInNets(host, loopback));
}

function toConfig(values: Values, cwd: string) {
  const dataDir = resolve(cwd, values.CUTROOM_DATA_DIR);
  const concurrency: Record<Pool, number> = {
    prepare: values.CUTROOM_PREPARE_CONCURRENCY,
    ai: values.CUTROOM_AI_CONCURRENCY,
    render: values.CUTROOM_RENDER_CONCURRENCY,
    deliver: values.CUTROOM_DELIVER_CONCURRENCY,
  };
  return {
    host: values.CUTROOM_HOST,
    port: values.CUTROOM_PORT,
    metricsPort: values.CUTROOM_METRICS_PORT,
    publicUrl: values.CUTROOM_PUBLIC_URL,
    dataDir,
    storageUrl: toStorageUrl(values.CUTROOM_STORAGE_URL ?? `file:${resolve(dataDir, 'storage')}`, cwd),
    copies: { dir: resolve(dataDir, 'copies'), maxBytes: values.CUTROOM_COPIES_BYTES },
    scratchDir: resolve(cwd, values.CUTROOM_SCRATCH_DIR ?? resolve(dataDir, 'scratch')),
    redisUrl: values.REDIS_URL,
    cacheRedisUrl: values.CACHE_REDIS_URL ?? values.REDIS_URL,
    redisServerBin: values.REDIS_SERVER_BIN,
    adminKey: values.CUTROOM_ADMIN_KEY,
    pools: values.CUTROOM_POOLS,
    concurrency,
    hardwareSessions: values.CUTROOM_HARDWARE_SESSIONS,
    drainMs: values.CUTROOM_DRAIN_SECONDS * 1_000,
    locks: toLocks(values.CUTROOM_LOCK_SECONDS),
    reconcileMs: values.CUTROOM_RECONCILE_SECONDS * 1_000,
    limits: {
      maxUploadBytes: values.CUTROOM_MAX_UPLOAD_BYTES,
      maxPixels: values.CUTROOM_MAX_PIXELS,
      tenantQuotaBytes: values.CUTROOM_TENANT_QUOTA_BYTES,
      createsPerMinute: values.CUTROOM_CREATES_PER_MINUTE,
      retentionDays: values.CUTROOM_RETENTION_DAYS,
      minFreeShare: values.CUTROOM_MIN_FREE_PERCENT / 100,
    },
    retention: {
      retentionMs: values.CUTROOM_RETENTION_DAYS * dayMs,
      piecesMs: values.CUTROOM_PIECES_DAYS * dayMs,
      maxPieceBytes: values.CUTROOM_TENANT_PIECES_BYTES,
      quarantineMs: values.CUTROOM_QUARANTINE_HOURS * 3_600_000,
    },
    sweepMs: values.CUTROOM_SWEEP_MINUTES * 60_000,
    egress: { allowNets: values.CUTROOM_ALLOW_PRIVATE_NETS, denyNets: values.CUTROOM_DENY_NETS, proxy: values.CUTROOM_EGRESS_PROXY },
    proxies: { https: values.HTTPS_PROXY, http: values.HTTP_PROXY, none: values.NO_PROXY },
    gemini: {
      apiKey: values.GEMINI_API_KEY,
      baseUrl: values.GEMINI_BASE_URL,
      model: values.CUTROOM_GEMINI_MODEL,
      imageModel: values.CUTROOM_IMAGE_MODEL,
      prices: values.CUTROOM_AI_PRICES,
      guard: {
        concurrency: values.CUTROOM_AI_CALLS_AT_ONCE,
        requestsPerMinute: values.CUTROOM_AI_REQUESTS_PER_MINUTE,
        totalMs: values.CUTROOM_AI_CALL_SECONDS * 1_000,
        retry: toRetryRules(values.CUTROOM_AI_RETRY_MS),
        circuit: { ...circuitRules, openMs: values.CUTROOM_AI_CIRCUIT_MS, probeMs: (values.CUTROOM_AI_CALL_SECONDS + 30) * 1_000 },
      },
    },
    ahead: { perMinute: values.CUTROOM_AI_AHEAD_PER_MINUTE, dayUsd: values.CUTROOM_AI_AHEAD_DAY_USD },
    ai: { tenantDayUsd: values.CUTROOM_AI_TENANT_DAY_USD, globalDayUsd: values.CUTROOM_AI_GLOBAL_DAY_USD },
    research: {
      url: values.CUTROOM_RESEARCH_URL,
      key: values.CUTROOM_RESEARCH_KEY,
      source: values.CUTROOM_RESEARCH_URL === null ? ownCorpus : nameOfService(values.CUTROOM_RESEARCH_URL),
    },
    ffmpegPath: values.FFMPEG_PATH,
    ffprobePath: values.FFPROBE_PATH,
    logLevel: values.CUTROOM_LOG_LEVEL,
    failpoints: values.CUTROOM_FAILPOINT,
  };
}

/** Tells two addresses apart without repeating one: a path may be a secret. */
const nameOfService = (url: string) => `${new URL(url).host}#${createHash('sha256').update(url).digest('hex').slice(0, 8)}`;

/** Three signs of life in the time of one lock, and two looks for those that gave none. */
function toLocks(seconds: number): { lockMs: number; renewMs: number; stalledMs: number } {
  return { lockMs: seconds * 1_000, renewMs: seconds * 300, stalledMs: seconds * 500 };
}

/** Waits are spread over two and a half times the least one. */
const toRetryRules = (minMs: number) => ({ ...retryRules, minMs, maxMs: 2.5 * minMs });

function toStorageUrl(url: string, cwd: string): string {
  return url.startsWith('file:') ? `file:${resolve(cwd, url.replace(/^file:(\/\/(?=\/))?/, ''))}` : url;
}
