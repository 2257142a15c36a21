/** The worker program around toy stages: everything but the media work is the real one. `TOY_LEDGER` names its ledger. */

import { rulesDirector } from '#director/rules-director';
import { createEngine } from '#engine/create';
import { toNodeId } from '#engine/next';
import type { Work } from '#engine/nodes';
import type { MediaTools } from '#media/ffmpeg';
import { parseConfig } from '#runtime/config';
import { openConnections } from '#runtime/connections';
import { armFailpoints } from '#runtime/failpoint';
import { createLogger } from '#runtime/log';
import { createSafeFetch } from '#runtime/safe-fetch';
import { createShutdown } from '#runtime/shutdown';
import { createTelemetry } from '#runtime/telemetry';
import { createDelivery } from '#runtime/webhook';
import { createStorage } from '#storage/open';
import { createDeliver } from '../../../apps/worker/deliver.ts';
import { createHousekeeping } from '../../../apps/worker/housekeeping.ts';
import { createMeters } from '../../../apps/worker/meter.ts';
import type { Observer } from '../../../apps/worker/observe.ts';
import { createPools } from '../../../apps/worker/pools.ts';
import { createRunNode } from '../../../apps/worker/run-node.ts';
import type { Stages } from '../../../apps/worker/stage.ts';
import { openLedger } from './ledger.ts';
import { toyPipeline } from './pipeline.ts';
import { toyStages } from './stages.ts';

const config = parseConfig(process.env, { role: 'worker', cwd: process.cwd() });
const log = createLogger({ level: config.logLevel, name: 'toy', destination: process.stderr });
armFailpoints(config.failpoints, log);
const shutdown = createShutdown(log);
process.on('SIGTERM', () => void shutdown.run('SIGTERM').then(() => process.exit(0)));

const write = openLedger(process.env['TOY_LEDGER'] ?? '/dev/null');
const nameOf = ({ context: { ref }, node }: Work) => `${ref.id}.${ref.run}.${toNodeId(node)}`;
const words = { done: 'won', rejected: 'late', aborted: 'handed', failed: 'failed' } as const;
const observer: Pick<Observer, 'attemptBegun' | 'attemptEnded'> = {
  attemptBegun: (work) => write('start', nameOf(work)),
  attemptEnded: ({ work, outcome }) => write(words[outcome], nameOf(work)),
};

const redisUrl = config.redisUrl ?? '';
const { redis, subscriber, producer, voice, whenReady } = openConnections({ redisUrl, role: 'worker', log, shutdown });
const storage = await createStorage(config.storageUrl, config.copies);
await whenReady();

const telemetry = createTelemetry({ processMetrics: false });
const worker = `toy.${process.pid}`;
const engine = createEngine({
  pipeline: toyPipeline,
  storage,
  redis,
  subscriber: null,
  producer,
  retentionDays: config.limits.retentionDays,
  summarize: async () => ({ outputs: [], warnings: [], degraded: false, report: null }),
  onOutcome: ({ id }) => write('ended', id),
});
const runNode = createRunNode({
  engine,
  openAi: () => ({
    decide: (how) => how(rulesDirector),
    draw: async () => null,
    research: () => Promise.reject(new Error('toys have no words')),
  }),
  openMeter: createMeters({} as MediaTools, worker),
  stages: toyStages as unknown as Stages,
  storage,
  scratchDir: config.scratchDir,
  log,
  worker,
  observer,
});
const deliver = createDeliver({ engine, deliver: createDelivery(createSafeFetch(config.egress)), onAttempt: () => undefined });
const housekeeping = createHousekeeping({
  reconciler: engine.reconciler({
    owner: worker,
    leaseMs: 2 * config.reconcileMs,
    onRepair: () => undefined,
    onOutbox: () => undefined,
    onFault: (fault, key) => log.error({ err: fault, key }, 'an open record could not be reconciled'),
  }),
  producer,
  storage,
  telemetry,
  scratchDir: config.scratchDir,
  log,
  everyMs: config.reconcileMs,
});
shutdown.add({ name: 'housekeeping', deadlineMs: 1_000, close: () => housekeeping.close() });
const pools = await createPools({
  pools: config.pools,
  concurrency: config.concurrency,
  redisUrl,
  locks: config.locks,
  subscriber,
  handlers: { prepare: runNode, ai: runNode, render: runNode, deliver },
  producer,
  telemetry,
  voice,
  onEnd: () => undefined,
  log,
});
shutdown.add({ name: 'pools', deadlineMs: config.drainMs + 1_000, close: () => pools.close(config.drainMs) });
process.stdout.write('cutroom worker ready\n');
