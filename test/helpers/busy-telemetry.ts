import { pipeline, type StageName } from '#contracts/pipeline';
import { pools } from '#contracts/stage-declaration';
import type { Telemetry } from '#runtime/telemetry';

/** A little of everything that a busy installation does; called before each scrape, it makes every counter move. */
export function beBusy(telemetry: Telemetry): void {
  const { ai, cache, circuits, engine, gpu, http, jobs, research, storage, tools, webhooks } = telemetry;
  for (const status of ['200', '202', '503']) http.duration.observe({ method: 'POST', route: '/v1/jobs', status }, 0.02);
  for (const status of ['completed', 'failed', 'cancelled']) jobs.total.inc({ status, content_type: 'educational' });
  jobs.duration.observe(42);
  for (const pool of pools) beBusyQueue(telemetry, pool);
  for (const stage of Object.keys(pipeline) as StageName[]) beBusyStage(telemetry, stage);
  tools.killed.inc({ reason: 'cancelled' });
  engine.repaired.inc({ what: 'enqueued' });
  engine.outboxOldest.set(3);
  engine.admissionClosed.set(0);
  circuits.state.set({ name: 'gemini' }, 0);
  circuits.events.inc({ name: 'gemini', event: 'success' });
  for (const state of ['in_use', 'limit']) gpu.sessions.set({ state }, 2);
  gpu.failures.inc({ encoder: 'h264_nvenc' });
  gpu.fallbacks.inc({ reason: 'failed' });
  for (const unit of ['compute', 'encoder']) gpu.utilization.set({ gpu: '0', unit }, 0.4);
  gpu.memory.set({ gpu: '0' }, 1e9);
  ai.requests.inc({ model: 'm', outcome: 'ok' });
  for (const direction of ['in', 'out']) ai.tokens.inc({ model: 'm', direction }, 900);
  ai.cost.inc({ model: 'm' }, 0.01);
  for (const outcome of ['ok', 'failed']) research.requests.inc({ source: 'service', outcome });
  for (const result of ['hit', 'miss']) cache.requests.inc({ cache: 'plans', level: 'redis', result });
  cache.bytes.set({ cache: 'plans' }, 1e6);
  for (const outcome of ['delivered', 'unreachable']) webhooks.deliveries.inc({ outcome });
  storage.bytes.set({ tier: 'primary' }, 1e9);
  storage.scratchFree.set(2e10);
}

function beBusyQueue({ queues, workers }: Telemetry, pool: string): void {
  for (const state of ['waiting', 'active', 'delayed', 'delayed_due']) queues.jobs.set({ queue: pool, state }, 2);
  queues.paused.set({ queue: pool }, 0);
  queues.oldestWait.set({ queue: pool }, 12);
  queues.backlog.set({ queue: pool }, 300);
  queues.timestamp.set(Date.now() / 1_000);
  for (const state of ['busy', 'idle']) workers.slots.set({ pool, state }, 1);
  workers.concurrency.set({ pool }, 2);
}

function beBusyStage({ stages }: Telemetry, stage: string): void {
  for (const outcome of ['done', 'failed', 'aborted']) stages.duration.observe({ stage, outcome }, 4);
  stages.memory.observe({ stage }, 3e8);
  stages.speed.observe({ stage }, 6);
  stages.crashes.inc({ stage });
  stages.handBacks.inc({ stage });
  stages.rejectedCommits.inc({ stage, reason: 'exists' });
}
