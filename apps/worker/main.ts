import { hostname } from 'node:os';
import { pipeline } from '#contracts/pipeline';
import type { pools } from '#contracts/stage-declaration';
import { createEndpointSource } from '#director/endpoint-source';
import { createGemini } from '#director/gemini';
import { listPrices } from '#director/pricing';
import { createEngine } from '#engine/create';
import { createMediaTools } from '#media/ffmpeg';
import { type Config, ConfigError, parseConfig } from '#runtime/config';
import { openConnections } from '#runtime/connections';
import { armFailpoints } from '#runtime/failpoint';
import { createLogger } from '#runtime/log';
import type { Handler } from '#runtime/queue-types';
import { isRedisReady } from '#runtime/redis';
import { assertNoEviction } from '#runtime/redis-health';
import { createSafeFetch } from '#runtime/safe-fetch';
import { createShutdown } from '#runtime/shutdown';
import { createTelemetry } from '#runtime/telemetry';
import { setWayOut } from '#runtime/way-out';
import { createDelivery } from '#runtime/webhook';
import { createStorage } from '#storage/open';
import { createAi } from './ai.ts';
import { createAiMeans } from './ai-means.ts';
import { createAskModel } from './ask-model.ts';
import { createCorpusReader } from './corpus.ts';
import { createDeliver } from './deliver.ts';
import { createGpuWatch, createHardwareNotes } from './gpu.ts';
import { createHealth } from './health.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createMeters } from './meter.ts';
import { createObserver } from './observe.ts';
import { createPools } from './pools.ts';
import { createResearchDesk } from './research.ts';
import { createEndpointPost, type EndpointParts } from './research-endpoint.ts';
import { createRetention, isTight } from './retention.ts';
import { createRunNode } from './run-node.ts';
import { createStages } from './stages/index.ts';
import { createSummarize } from './summarize.ts';

/** With less of its disk free than this share, a worker is not ready: probes tell whoever starts it. */
const minFreeScratch = 0.02;

/** One worker process: takes the queues of its pools until it is told to stop. */
async function main(): Promise<void> {
  const config = parseConfig(process.env, { role: 'worker', cwd: process.cwd() });
  const log = createLogger({ level: config.logLevel, name: 'worker', destination: process.stderr });
  armFailpoints(config.failpoints, log);
  const shutdown = createShutdown(log);
  setWayOut(config.proxies);
  const stop = (reason: string) => shutdown.run(reason).then(() => process.exit(0));
  process.on('SIGTERM', () => void stop('SIGTERM')).on('SIGINT', () => void stop('SIGINT'));
  process.on('unhandledRejection', (error) => log.error({ err: error }, 'unhandled rejection'));

  const redisUrl = config.redisUrl ?? fail('REDIS_URL: must name the queue Redis');
  const { redis, subscriber, producer, voice, whenReady } = openConnections({ redisUrl, role: 'worker', log, shutdown });
  const [storage, media] = await Promise.all([
    createStorage(config.storageUrl, config.copies),
    createMediaTools({
      ffmpeg: config.ffmpegPath,
      ffprobe: config.ffprobePath,
      tryHardware: config.hardwareSessions > 0,
      ...(process.env['PATH'] && { searchPath: process.env['PATH'] }),
    }),
    whenReady(),
  ]);
  await assertNoEviction(redis);

  const telemetry = createTelemetry();
  const observer = createObserver(telemetry);
  const safeFetch = createSafeFetch(config.egress);
  const worker = `${hostname()}.${process.pid}`;
  const engine = createEngine({
    pipeline,
    storage,
    redis,
    subscriber: null,
    producer,
    retentionDays: config.limits.retentionDays,
    summarize: createSummarize({ storage, media, scratchDir: config.scratchDir }),
    onOutcome: observer.jobEnded,
  });
  const stages = createStages({
    safeFetch,
    maxBytes: config.limits.maxUploadBytes,
    maxPixels: config.limits.maxPixels,
    hardwareSessions: config.hardwareSessions,
    hardwareNotes: createHardwareNotes(telemetry.gpu),
    piecesAtOnce: config.concurrency.render,
  });
  const openMeter = createMeters(observer.watch(media), worker);
  const means = createAiMeans({ config, redisUrl, worker, storage, telemetry, log: voice });
  shutdown.add({ name: 'ai', deadlineMs: 1000, close: () => means.close() });
  const { apiKey, model, imageModel } = config.gemini;
  const askModel =
    apiKey &&
    createAskModel({
      provider: createGemini({ ...config.gemini, apiKey }),
      ...means,
      prices: { ...listPrices, ...config.gemini.prices },
      telemetry,
      aheadDayUsd: config.ahead.dayUsd,
    });
  const research = createResearchDesk({
    ...means,
    telemetry,
    readWorks: createCorpusReader({ engine, storage }),
    service: createService(config.research, { safeFetch, guard: means.guards.research }),
  });
  const openAi = createAi({ models: { text: model, image: imageModel }, askModel: askModel || null, research });
  const runNode = createRunNode({
    engine,
    openAi,
    openMeter,
    stages,
    storage,
    scratchDir: config.scratchDir,
    log,
    worker,
    observer,
  });
  const deliver = createDeliver({
    engine,
    deliver: createDelivery(safeFetch),
    onAttempt: (outcome) => telemetry.webhooks.deliveries.inc({ outcome }),
  });
  const handlers: Record<(typeof pools)[number], Handler> = { prepare: runNode, ai: runNode, render: runNode, deliver };

  const reconciler = engine.reconciler({
    owner: worker,
    leaseMs: 2 * config.reconcileMs,
    onRepair: (what) => telemetry.engine.repaired.inc({ what }),
    onFault: (fault, key) => log.error({ err: fault, key }, 'an open record could not be reconciled'),
    onOutbox: (oldestS) => telemetry.engine.outboxOldest.set(oldestS),
  });
  const housekeeping = createHousekeeping({
    reconciler,
    producer,
    storage,
    telemetry,
    scratchDir: config.scratchDir,
    log,
    everyMs: config.reconcileMs,
    ...(media.capabilities.hardware.size > 0 && {
      watchGpus: createGpuWatch({ gpu: telemetry.gpu, sessions: config.hardwareSessions, searchPath: process.env['PATH'] ?? '' }),
    }),
  });
  shutdown.add({ name: 'housekeeping', deadlineMs: 1000, close: () => housekeeping.close() });
  const retention = createRetention({
    sweep: engine.sweeper({ policy: config.retention, now: Date.now, isTight: () => isTight(config.dataDir, config.limits.minFreeShare) }),
    redis,
    owner: worker,
    scratchDir: config.scratchDir,
    everyMs: config.sweepMs,
    log,
  });
  shutdown.add({ name: 'retention', deadlineMs: 500, close: () => retention.close() });
  const running = await createPools({
    pools: config.pools,
    concurrency: config.concurrency,
    redisUrl,
    locks: config.locks,
    subscriber,
    handlers,
    producer,
    telemetry,
    voice,
    onEnd: (pool, seconds) =>
      void engine.pace.note(pool, seconds).catch((fault: unknown) => log.debug({ err: fault }, 'pace was not noted')),
    log,
  });
  shutdown.add({ name: 'pools', deadlineMs: config.drainMs + 1000, close: () => running.close(config.drainMs) });
  const isReady = async () =>
    !shutdown.signal.aborted &&
    isRedisReady(redis) &&
    (await storage.stat('probe/readiness')) === null &&
    !(await isTight(config.scratchDir, minFreeScratch));
  const health = await createHealth({ host: config.host, port: config.port, registry: telemetry.registry, isReady });
  shutdown.add({ name: 'health', deadlineMs: 500, close: () => health.close() });

  log.info({ pools: config.pools, ffmpeg: media.capabilities.version }, 'worker is ready');
  process.stdout.write('cutroom worker ready\n');
}

function createService({ url, key, source }: Config['research'], means: Pick<EndpointParts, 'safeFetch' | 'guard'>) {
  return url === null ? null : createEndpointSource(source, createEndpointPost({ url, key, ...means }));
}

function fail(problem: string): never {
  throw new ConfigError([problem]);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof ConfigError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
});
