import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CutroomError } from '#contracts/errors';
import { pipeline } from '#contracts/pipeline';
import { listPrices } from '#director/pricing';
import { parseTranscript } from '#director/transcript';
import { createEngine } from '#engine/create';
import { createMediaTools } from '#media/ffmpeg';
import { probeMedia } from '#media/source/probe';
import { readCacheTotals } from '#runtime/cache-totals';
import { type Config, ConfigError, parseConfig } from '#runtime/config';
import { openConnections } from '#runtime/connections';
import { downloadFile } from '#runtime/download';
import { armFailpoints } from '#runtime/failpoint';
import { createLogger } from '#runtime/log';
import { assertNoEviction, createMemoryGate } from '#runtime/redis-health';
import { createPulse } from '#runtime/redis-pulse';
import { createSafeFetch } from '#runtime/safe-fetch';
import { checkTarget, resolveByDns } from '#runtime/safe-target';
import { createShutdown } from '#runtime/shutdown';
import { createSystemMonitor } from '#runtime/system';
import { createTelemetry } from '#runtime/telemetry';
import { createStorage } from '#storage/open';
import { buildApp } from './app.ts';
import type { ApiDeps, ApiMetrics } from './deps.ts';
import { createGate } from './gate.ts';
import { startMetricsServer } from './metrics-server.ts';
import { createQueueDesk } from './queues.ts';
import { createSpeedTrial } from './speed-trial.ts';
import { readMachine, readStats } from './stats.ts';
import { createFinish } from './uploads/finish.ts';
import { sweepParts, sweepUploads } from './uploads/sweep.ts';

const version = '0.1.0';
/** Requests in flight may take so long to end; the whole process is gone within 15 s. */
const drainMs = 10_000;
const downloadTimeoutMs = 3_600_000;
const sweepMs = 600_000;

/** One API process: listens until it is told to stop. */
async function main(): Promise<void> {
  const config = parseConfig(process.env, { role: 'api', cwd: process.cwd() });
  const log = createLogger({ level: config.logLevel, name: 'api', destination: process.stderr });
  armFailpoints(config.failpoints, log);
  const shutdown = createShutdown(log);
  const stop = (reason: string) => shutdown.run(reason).then(() => process.exit(0));
  process.on('SIGTERM', () => void stop('SIGTERM')).on('SIGINT', () => void stop('SIGINT'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));

  const redisUrl = config.redisUrl ?? fail('REDIS_URL: must name the queue Redis');
  const { redis, subscriber, producer, whenReady } = openConnections({ redisUrl, role: 'commands', log, shutdown });

  const uploadDir = join(config.dataDir, 'uploads');
  await mkdir(uploadDir, { recursive: true });
  const [storage, media] = await Promise.all([
    createStorage(config.storageUrl, config.copies),
    createMediaTools({
      ffmpeg: config.ffmpegPath,
      ffprobe: config.ffprobePath,
      tryHardware: true,
      ...(process.env['PATH'] && { searchPath: process.env['PATH'] }),
    }),
    whenReady(),
  ]);
  await assertNoEviction(redis);

  const engine = createEngine({ pipeline, storage, redis, subscriber, producer, retentionDays: config.limits.retentionDays });
  await engine.subscribe();
  const memory = createMemoryGate(redis);
  const pulse = createPulse(redis, {
    onChange: (fault) =>
      fault
        ? log.warn({ err: fault }, 'the queue Redis takes no writes: new jobs are refused')
        : log.info('the queue Redis takes writes again'),
  });
  const system = createSystemMonitor(config.dataDir);
  shutdown.add({ name: 'monitors', deadlineMs: 100, close: () => [memory.close(), pulse.close(), system.close()] });
  const telemetry = createTelemetry();
  const metrics: ApiMetrics = {
    observeRequest: ({ method, route, status, seconds }) =>
      telemetry.http.duration.observe({ method, route, status: String(status) }, seconds),
    async render() {
      telemetry.engine.admissionClosed.set(memory.isOpen() ? 0 : 1);
      return { contentType: telemetry.registry.contentType, text: await telemetry.registry.metrics() };
    },
  };
  const queues = createQueueDesk(producer);
  const startedAt = new Date();

  const deps: ApiDeps = {
    engine,
    storage,
    redis,
    webhooks: engine.webhooks,
    queues,
    metrics,
    log,
    limits: {
      maxUploadBytes: config.limits.maxUploadBytes,
      retentionDays: config.limits.retentionDays,
      tenantQuotaBytes: config.limits.tenantQuotaBytes,
      createsPerMinute: config.limits.createsPerMinute,
      minFreeShare: config.limits.minFreeShare,
    },
    adminKey: config.adminKey,
    uploadDir,
    version,
    consoleDir: join(import.meta.dirname, '../console'),
    serveMetrics: config.metricsPort === null,
    inspect: (path, { signal }) => probeMedia(path, { media, cwd: uploadDir, signal, limits: { maxPixels: config.limits.maxPixels } }),
    checkTranscript,
    ...createAddresses(config),
    ...createGate({ redis, producer, memory, pulse, storage, uploadDir, minFreeShare: config.limits.minFreeShare }),
    prices: { ...listPrices, ...config.gemini.prices },
    ai: config.gemini.apiKey ? { model: config.gemini.model, image_model: config.gemini.imageModel } : null,
    research: config.research.source,
    machine: () => readMachine(system, media.capabilities),
    speedTrial: createSpeedTrial(media, uploadDir),
    stats: () => readStats({ system, queues, memory, readCache: () => readCacheTotals(redis), version, startedAt }),
  };
  const app = await buildApp(deps);
  const sweeper = setInterval(() => void sweep(deps, shutdown.signal), sweepMs);
  shutdown.add({ name: 'sweeper', deadlineMs: 100, close: () => clearInterval(sweeper) });
  if (config.metricsPort !== null) {
    const server = await startMetricsServer(metrics, { host: config.host, port: config.metricsPort });
    shutdown.add({ name: 'metrics', deadlineMs: 100, close: () => server.close() });
  }
  shutdown.add({ name: 'api', deadlineMs: drainMs, close: () => app.close() });
  const url = await app.listen({ host: config.host, port: config.port });
  process.stdout.write(`cutroom listening ${url}\n`);
}

async function sweep(deps: ApiDeps, signal: AbortSignal): Promise<void> {
  const { log, uploadDir } = deps;
  try {
    await sweepUploads({ dir: join(uploadDir, 'tus'), finish: createFinish(deps, signal), log });
    await sweepParts(uploadDir);
  } catch (error) {
    log.warn({ err: error }, 'uploads could not be swept');
  }
}

/** A transcript is read once here so that a broken one is refused with the request; nothing is known of the sound yet. */
const checkTranscript: ApiDeps['checkTranscript'] = (transcript) =>
  void parseTranscript(transcript, { durationS: 86_400, videoStartS: 0, audio: { present: false, speech: [], undecided: [] } });

function createAddresses({ egress }: Config): Pick<ApiDeps, 'checkUrl' | 'download'> {
  const safeFetch = createSafeFetch(egress);
  return {
    async checkUrl(url, use) {
      const verdict = await checkTarget(url, { rules: egress, resolve: resolveByDns, httpsOnly: use === 'webhook' });
      if (!('refused' in verdict)) return;
      const why = verdict.refused === 'scheme' ? 'Webhooks go to https addresses.' : 'The address is not allowed.';
      throw new CutroomError('URL_NOT_ALLOWED', why);
    },
    download: (wanted) => downloadFile(safeFetch, { ...wanted, timeoutMs: downloadTimeoutMs }),
  };
}

function fail(problem: string): never {
  throw new ConfigError([problem]);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
