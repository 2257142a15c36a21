import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Every metric of cutroom, on one registry of its own. No label holds an id. */
export type Telemetry = ReturnType<typeof createTelemetry>;

/** `processMetrics` adds Node's own (event loop, memory, garbage collection). */
export function createTelemetry({ processMetrics = true }: { processMetrics?: boolean } = {}) {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const make = declareOn(registry);
  return {
    registry,
    http: {
      duration: make.histogram('http_request_duration_seconds', 'Time to answer a request', httpBuckets, ['method', 'route', 'status']),
    },
    jobs: {
      total: make.counter('jobs_total', 'Jobs that ended', ['status', 'content_type']),
      duration: make.histogram('job_duration_seconds', 'From accepted to ended', jobBuckets),
    },
    /** Set by the one exporter (the reconciler's leader); `dropQueues` when it is the leader no more. */
    queues: {
      jobs: make.gauge('queue_jobs', 'Entries by state; delayed_due are those of delayed whose time has come', ['queue', 'state']),
      paused: make.gauge('queue_paused', '1 = paused', ['queue']),
      oldestWait: make.gauge('queue_oldest_wait_seconds', 'Age of the entry that waits longest', ['queue']),
      backlog: make.gauge('queue_backlog_media_seconds', 'Seconds of footage that wait', ['queue']),
      timestamp: make.gauge('queue_metrics_timestamp_seconds', 'When the queue figures were read'),
    },
    stages: {
      duration: make.histogram('stage_duration_seconds', 'Wall time of one attempt', stageBuckets, ['stage', 'outcome']),
      memory: make.histogram('stage_memory_bytes', 'Peak memory of one attempt and its children', memoryBuckets, ['stage']),
      speed: make.histogram('stage_speed_ratio', 'Seconds of footage per second of wall time', speedBuckets, ['stage']),
      crashes: make.counter('stage_crash_total', 'Attempts without an orderly end', ['stage']),
      handBacks: make.counter('handback_total', 'Attempts handed back at shutdown', ['stage']),
      rejectedCommits: make.counter('commit_rejected_total', 'Results dropped because another one was first', ['stage', 'reason']),
    },
    workers: {
      slots: make.gauge('worker_slots', 'Slots of this worker', ['pool', 'state']),
      concurrency: make.gauge('worker_concurrency', 'Slots this worker is set to', ['pool']),
    },
    tools: { killed: make.counter('ffmpeg_killed_total', 'Media children ended by us', ['reason']) },
    engine: {
      repaired: make.counter('reconciler_repaired_total', 'Things the reconciler had to put right', ['what']),
      outboxOldest: make.gauge('outbox_oldest_seconds', 'Age of the oldest event without a delivery'),
      admissionClosed: make.gauge('redis_admission_closed', '1 = new work is refused because Redis is nearly full'),
    },
    circuits: {
      state: make.gauge('circuit_state', '0 closed, 1 half open, 2 open', ['name']),
      events: make.counter('circuit_events_total', 'What circuit breakers did', ['name', 'event']),
      calls: make.gauge('circuit_calls_open', 'Calls of this process that hold a slot', ['name']),
    },
    /** Silent on a machine whose hardware encodes nothing. */
    gpu: {
      sessions: make.gauge('gpu_sessions', 'Encodes on the hardware: those that run, and how many may', ['state']),
      failures: make.counter('gpu_failures_total', 'Encodes that the hardware did not finish as planned', ['encoder']),
      fallbacks: make.counter('gpu_fallbacks_total', 'Pieces planned for the hardware and made in software', ['reason']),
      utilization: make.gauge('gpu_utilization_ratio', 'Busy share of a card, where nvidia-smi tells', ['gpu', 'unit']),
      memory: make.gauge('gpu_memory_used_bytes', 'Memory of a card in use, where nvidia-smi tells', ['gpu']),
    },
    ai: {
      requests: make.counter('ai_requests_total', 'Calls to models', ['model', 'outcome']),
      tokens: make.counter('ai_tokens_total', 'Tokens in and out', ['model', 'direction']),
      cost: make.counter('ai_cost_usd_total', 'Money spent on models', ['model']),
    },
    research: {
      requests: make.counter('research_requests_total', 'What was asked about keywords and competitors, and of whom', [
        'source',
        'outcome',
      ]),
    },
    cache: {
      requests: make.counter('cache_requests_total', 'Look-ups', ['cache', 'level', 'result']),
      bytes: make.gauge('cache_bytes', 'What a cache holds in this process', ['cache']),
      ahead: make.counter('cache_ahead_total', 'Values made before anybody asked, and those of them that were wanted', ['cache', 'result']),
      evictions: make.counter('cache_evictions_total', 'Values that had to make room', ['cache']),
    },
    webhooks: { deliveries: make.counter('webhook_deliveries_total', 'Attempts to deliver', ['outcome']) },
    storage: {
      bytes: make.gauge('storage_bytes', 'What the storage holds', ['tier']),
      scratchFree: make.gauge('scratch_free_bytes', 'Room for running stages'),
    },
  };
}

/** A figure that nobody renews must vanish, not freeze: scaling holds on a missing one. */
export function dropQueues(telemetry: Telemetry): void {
  const { timestamp, ...figures } = telemetry.queues;
  for (const gauge of Object.values(figures)) gauge.reset();
  timestamp.remove();
}

const httpBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60];
const stageBuckets = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3_600];
const jobBuckets = [1, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400];
const speedBuckets = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64];
const memoryBuckets = [64, 128, 256, 512, 1_024, 2_048, 4_096, 8_192].map((mib) => mib * 1_048_576);

function declareOn(registry: Registry) {
  const registers = [registry];
  return {
    counter: <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
      new Counter({ name: `cutroom_${name}`, help, labelNames, registers }),
    /** Absent until it is set, instead of 0: no scratch left and nobody looked are not the same. */
    gauge: <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) => {
      const gauge = new Gauge({ name: `cutroom_${name}`, help, labelNames, registers });
      if (labelNames.length === 0) gauge.remove();
      return gauge;
    },
    histogram: <Label extends string = never>(name: string, help: string, buckets: number[], labelNames: Label[] = []) =>
      new Histogram({ name: `cutroom_${name}`, help, buckets, labelNames, registers }),
  };
}
