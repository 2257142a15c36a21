import type { Producer } from '#runtime/queue-types';
import type { RedisClient } from '#runtime/redis';
import type { Storage } from '#storage/storage';
import { createAssets } from './assets.ts';
import { createBatches } from './batches.ts';
import { createArtifacts } from './commit.ts';
import { createConclude, type Summarize } from './conclude.ts';
import { createContexts, type Pipeline, type RunContext } from './context.ts';
import { createEndpoints } from './endpoints.ts';
import type { Engine } from './engine.ts';
import { createEvents, toEndEvent } from './events.ts';
import { type Announce, createFlow } from './flow.ts';
import { createHistory } from './history.ts';
import { createIndexStore } from './index-store.ts';
import { createJobs } from './jobs.ts';
import { createLook } from './look.ts';
import { createNodes } from './nodes.ts';
import { createOpener } from './opening.ts';
import { createOutbox } from './outbox.ts';
import { createPace } from './pace.ts';
import { createReconciler, type ReconcileParts } from './reconcile.ts';
import { createRecords } from './records.ts';
import { createQuarantine } from './retention/quarantine.ts';
import { createSweeper, type SweeperParts } from './retention/sweeper.ts';
import { createStanding } from './standing.ts';
import { createRunState } from './state.ts';
import type { Manifest, Outcome } from './types.ts';
import { createWebhooks } from './webhooks.ts';

export interface EngineOptions {
  pipeline: Pipeline;
  storage: Storage;
  redis: RedisClient;
  /** For followers of events; null where nobody follows. */
  subscriber: RedisClient | null;
  producer: Producer;
  retentionDays: number;
  /** Needed where jobs end: workers give theirs; a program that ends jobs only by cancelling needs none. */
  summarize?: Summarize;
  onOutcome?: (manifest: Manifest, outcome: Outcome) => void;
}

/** Everything the programs share, wired once. */
export function createEngine(options: EngineOptions) {
  const { pipeline, storage, redis, subscriber, producer, retentionDays } = options;
  const records = createRecords(storage);
  const artifacts = createArtifacts(storage);
  const contexts = createContexts(pipeline, records, artifacts);
  const state = createRunState(redis);
  const index = createIndexStore(redis);
  const open = createOpener(redis);
  const events = createEvents(redis, subscriber);
  const endpoints = createEndpoints(storage);

  const outbox = createOutbox({ storage, endpoints, index, producer, view: async ({ tenant, id }) => mustBe(await jobs.view(tenant, id)) });
  const batches = createBatches({ storage, standing: createStanding(records, state), file: outbox.file });
  const conclude = createConclude({
    batches,
    contexts,
    outbox,
    publish: (channel, message) => redis.publish(channel, message),
    records,
    state,
    onOutcome: options.onOutcome ?? (() => undefined),
    summarize: options.summarize ?? (() => Promise.reject(new Error('this program does not complete jobs'))),
  });
  const complete = (context: RunContext) => conclude.complete(context);
  const announce: Announce = (context, event, seed) => outbox.fileEvent(context.manifest, event, seed);
  const flow = createFlow({ artifacts, contexts, events, producer, state, complete, announce });
  const pace = createPace(redis, producer);
  const look = createLook({ contexts, flow, pace, producer, records, settle: conclude.settle, state, retentionDays });
  const jobs = createJobs({ announce, artifacts, conclude, contexts, flow, index, look, open, records, state, retentionDays });
  const quarantine = createQuarantine(storage);
  const nodes = createNodes({ announce, artifacts, contexts, flow, quarantine, records, state });

  const ofTenant = async (tenant: string, id: string) => (await records.manifest(tenant, id)) !== null;
  const endOf = (tenant: string, id: string) => async () => {
    const manifest = await records.manifest(tenant, id);
    if (!manifest) return [];
    const outcome = await records.outcome(tenant, id, await records.latestRun(manifest));
    return outcome && [toEndEvent(outcome)];
  };
  const engine: Engine = {
    jobs,
    assets: createAssets({ storage, index, records, file: outbox.file }),
    batches,
    history: createHistory(storage, records),
    events: {
      list: async (tenant, id, after) => ((await ofTenant(tenant, id)) ? events.list(id, after, endOf(tenant, id)) : null),
      follow: (tenant, id, after, signal) => events.follow(id, { after, endOf: endOf(tenant, id), signal }),
    },
  };

  return {
    ...engine,
    conclude,
    nodes,
    outbox,
    pace,
    subscribe: events.subscribe,
    sweeper: (own: Pick<SweeperParts, 'policy' | 'now' | 'isTight'>) => createSweeper({ contexts, index, records, state, storage, ...own }),
    webhooks: createWebhooks({ endpoints, index, outbox }),
    reconciler: (own: Pick<ReconcileParts, 'owner' | 'leaseMs' | 'onRepair' | 'onFault' | 'onOutbox'>) =>
      createReconciler({ batches, conclude, contexts, flow, index, open, outbox, records, redis, state, storage, ...own }),
  };
}

export type WiredEngine = ReturnType<typeof createEngine>;

function mustBe<T>(value: T | null): T {
  if (value === null) throw new Error('the job is gone');
  return value;
}
