import { describe, expect, it } from 'vitest';
import { createTelemetry, dropQueues } from '#runtime/telemetry';

/** The metrics of the contract: name → labels. */
const promised: Record<string, string[]> = {
  cutroom_http_request_duration_seconds: ['method', 'route', 'status'],
  cutroom_jobs_total: ['status', 'content_type'],
  cutroom_job_duration_seconds: [],
  cutroom_queue_jobs: ['queue', 'state'],
  cutroom_queue_oldest_wait_seconds: ['queue'],
  cutroom_queue_backlog_media_seconds: ['queue'],
  cutroom_queue_paused: ['queue'],
  cutroom_queue_metrics_timestamp_seconds: [],
  cutroom_stage_duration_seconds: ['stage', 'outcome'],
  cutroom_stage_memory_bytes: ['stage'],
  cutroom_stage_speed_ratio: ['stage'],
  cutroom_worker_slots: ['pool', 'state'],
  cutroom_worker_concurrency: ['pool'],
  cutroom_circuit_state: ['name'],
  cutroom_circuit_events_total: ['name', 'event'],
  cutroom_ai_requests_total: ['model', 'outcome'],
  cutroom_ai_tokens_total: ['model', 'direction'],
  cutroom_ai_cost_usd_total: ['model'],
  cutroom_cache_requests_total: ['cache', 'level', 'result'],
  cutroom_cache_bytes: ['cache'],
  cutroom_webhook_deliveries_total: ['outcome'],
  cutroom_storage_bytes: ['tier'],
  cutroom_scratch_free_bytes: [],
};

describe('the metrics', () => {
  it('are all there, with exactly the labels that are promised', () => {
    const { registry } = createTelemetry({ processMetrics: false });
    for (const [name, labels] of Object.entries(promised)) {
      expect({ name, labels: (registry.getSingleMetric(name) as { labelNames?: string[] } | undefined)?.labelNames }).toEqual({
        name,
        labels,
      });
    }
  });

  it('are on a registry of their own, so that two programs can live in one process', () => {
    expect(createTelemetry({ processMetrics: false }).registry).not.toBe(createTelemetry({ processMetrics: false }).registry);
  });

  it('of the queues vanish when their exporter is no longer the leader', async () => {
    const telemetry = createTelemetry({ processMetrics: false });
    telemetry.queues.jobs.set({ queue: 'render', state: 'active' }, 3);
    telemetry.queues.timestamp.set(1_700_000_000);
    expect(await telemetry.registry.metrics()).toMatch(/^cutroom_queue_jobs\{queue="render",state="active"\} 3$/m);
    dropQueues(telemetry);
    expect(await telemetry.registry.metrics()).not.toMatch(/^cutroom_queue_\S+ \S+$/m);
  });
});
