import { quantile, type Row, ratePer, share } from './panels.ts';

const ended = { completed: 'green', failed: 'red', cancelled: 'gray' };
const pools = { prepare: 'blue', ai: 'purple', render: 'orange', deliver: 'green' };

/** How much comes in, where it waits, how fast it is done and what fails. */
export const workRows: readonly Row[] = [
  {
    title: 'At a glance',
    panels: [
      {
        title: 'Completed in 24 h',
        about: 'Jobs that ended well.',
        kind: 'number',
        unit: 'short',
        queries: [{ expr: 'sum(increase(cutroom_jobs_total{status="completed"}[24h]))', legend: 'completed' }],
      },
      {
        title: 'Failed in 24 h',
        about: 'Share of the ended jobs that failed. Refused footage counts; a rise without new footage is ours.',
        kind: 'number',
        unit: 'percentunit',
        thresholds: { warn: 0.05, bad: 0.2 },
        queries: [
          {
            expr: '(sum(increase(cutroom_jobs_total{status="failed"}[24h])) or vector(0)) / clamp_min(sum(increase(cutroom_jobs_total[24h])), 1e-9)',
            legend: 'failed',
          },
        ],
      },
      {
        title: 'Longest wait',
        about: 'Age of the oldest entry in any queue.',
        kind: 'number',
        unit: 's',
        thresholds: { warn: 300, bad: 600 },
        queries: [{ expr: 'max(queue:cutroom_queue_oldest_wait_seconds:max)', legend: 'wait' }],
      },
      {
        title: 'Age of the queue figures',
        about: 'Above 60 s nothing is scaled: nobody reads the queues.',
        kind: 'number',
        unit: 's',
        thresholds: { warn: 30, bad: 60 },
        queries: [{ expr: 'time() - max(cutroom_queue_metrics_timestamp_seconds)', legend: 'age' }],
      },
      {
        title: 'Spent on models in 24 h',
        about: 'By the price list of the installation.',
        kind: 'number',
        unit: 'currencyUSD',
        queries: [{ expr: 'sum(increase(cutroom_ai_cost_usd_total[24h]))', legend: 'USD' }],
      },
      {
        title: 'Alerts firing',
        about: 'Their advice stands in deploy/prometheus/rules.yml.',
        kind: 'number',
        unit: 'short',
        thresholds: { warn: 1, bad: 3 },
        queries: [{ expr: 'count(ALERTS{alertstate="firing",alertname=~"Cutroom.*"}) or vector(0)', legend: 'alerts' }],
      },
    ],
  },
  {
    title: 'Intake',
    panels: [
      {
        title: 'Jobs ended per minute',
        about: 'The throughput of the whole service.',
        kind: 'stacked',
        unit: 'short',
        colours: ended,
        queries: [{ expr: `60 * ${ratePer('status', 'cutroom_jobs_total')}`, legend: '{{status}}' }],
      },
      {
        title: 'Time from accepted to ended',
        about: 'What callers wait for. Compare with the longest wait: the rest is work.',
        kind: 'lines',
        unit: 's',
        queries: [
          { expr: quantile(0.5, 'cutroom_job_duration_seconds'), legend: 'median' },
          { expr: quantile(0.95, 'cutroom_job_duration_seconds'), legend: 'p95' },
        ],
      },
      {
        title: 'Requests per second',
        about: '5xx are ours; 503 alone means Redis or storage is away.',
        kind: 'stacked',
        unit: 'reqps',
        queries: [{ expr: ratePer('status', 'cutroom_http_request_duration_seconds_count'), legend: '{{status}}' }],
      },
      {
        title: 'Answer time, p95 by route',
        about: 'Uploads take as long as their sender; creating a job should stay under 50 ms.',
        kind: 'lines',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'cutroom_http_request_duration_seconds', ['route']), legend: '{{route}}' }],
      },
    ],
  },
  {
    title: 'Queues',
    panels: [
      {
        title: 'Ready to run',
        about: 'Entries that a worker could take now. Growing while slots are idle: the queue is paused.',
        kind: 'stacked',
        unit: 'short',
        colours: pools,
        queries: [
          { expr: 'sum by (queue) (queue_state:cutroom_queue_jobs:max{state=~"waiting|prioritized|delayed_due"})', legend: '{{queue}}' },
        ],
      },
      {
        title: 'Running',
        about: 'Entries in work.',
        kind: 'stacked',
        unit: 'short',
        colours: pools,
        queries: [{ expr: 'sum by (queue) (queue_state:cutroom_queue_jobs:max{state="active"})', legend: '{{queue}}' }],
      },
      {
        title: 'Oldest wait',
        about: 'Add workers to the pool whose line climbs.',
        kind: 'lines',
        unit: 's',
        thresholds: { warn: 300, bad: 600 },
        colours: pools,
        queries: [{ expr: 'queue:cutroom_queue_oldest_wait_seconds:max', legend: '{{queue}}' }],
      },
      {
        title: 'Footage that waits',
        about: 'Seconds of footage; divide by the speed below for the time to empty.',
        kind: 'stacked',
        unit: 's',
        colours: pools,
        queries: [{ expr: 'max by (queue) (cutroom_queue_backlog_media_seconds)', legend: '{{queue}}' }],
      },
    ],
  },
  {
    title: 'Stages',
    panels: [
      {
        title: 'Speed, median',
        about: 'Seconds of footage per second of work; 1 = as fast as it plays.',
        kind: 'lines',
        unit: 'x',
        queries: [{ expr: quantile(0.5, 'cutroom_stage_speed_ratio', ['stage']), legend: '{{stage}}' }],
      },
      {
        title: 'Time of an attempt, p95',
        about: 'Which stage jobs spend their time in.',
        kind: 'lines',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'cutroom_stage_duration_seconds', ['stage']), legend: '{{stage}}' }],
      },
      {
        title: 'Peak memory of an attempt, p95',
        about: 'With its children; times the slots of a pod it must stay below the limit of the pod.',
        kind: 'lines',
        unit: 'bytes',
        queries: [{ expr: quantile(0.95, 'cutroom_stage_memory_bytes', ['stage']), legend: '{{stage}}' }],
      },
    ],
  },
  {
    title: 'Errors',
    panels: [
      {
        title: 'Failed attempts per minute',
        about: 'A stage that fails is tried again; jobs fail later and less often.',
        kind: 'stacked',
        unit: 'short',
        queries: [{ expr: `60 * ${ratePer('stage', 'cutroom_stage_duration_seconds_count{outcome="failed"}')}`, legend: '{{stage}}' }],
      },
      {
        title: 'Requests answered with 5xx',
        about: 'Share of all requests.',
        kind: 'lines',
        unit: 'percentunit',
        thresholds: { warn: 0.005, bad: 0.02 },
        queries: [
          {
            expr: share('cutroom_http_request_duration_seconds_count{status=~"5.."}', 'cutroom_http_request_duration_seconds_count'),
            legend: '5xx',
          },
        ],
      },
      {
        title: 'Things put right',
        about: 'Crashed attempts, ended tools, late results dropped, repairs: each harmless, a steady flow is not.',
        kind: 'stacked',
        unit: 'short',
        queries: [
          { expr: 'sum(increase(cutroom_stage_crash_total[$__rate_interval]))', legend: 'crashed attempts' },
          { expr: 'sum by (reason) (increase(cutroom_ffmpeg_killed_total[$__rate_interval]))', legend: 'tool ended: {{reason}}' },
          { expr: 'sum(increase(cutroom_commit_rejected_total[$__rate_interval]))', legend: 'late results' },
          { expr: 'sum by (what) (increase(cutroom_reconciler_repaired_total[$__rate_interval]))', legend: 'repaired: {{what}}' },
          { expr: 'sum(increase(cutroom_handback_total[$__rate_interval]))', legend: 'handed back' },
        ],
      },
      {
        title: 'Webhook attempts per minute',
        about: 'Ten attempts over 75 hours; only 2xx is a delivery.',
        kind: 'stacked',
        unit: 'short',
        colours: { delivered: 'green', unreachable: 'red', refused: 'orange' },
        queries: [{ expr: `60 * ${ratePer('outcome', 'cutroom_webhook_deliveries_total')}`, legend: '{{outcome}}' }],
      },
    ],
  },
];
