import { type Row, ratePer } from './panels.ts';

const pools = { prepare: 'blue', ai: 'purple', render: 'orange', deliver: 'green' };

/** What the work is done with: processes, cards, models, caches and disks; what they cost and what fills up. */
export const meansRows: readonly Row[] = [
  {
    title: 'Workers',
    panels: [
      {
        title: 'Slots in use',
        about: 'Near 100 % with entries waiting: the pool is too small.',
        kind: 'lines',
        unit: 'percentunit',
        thresholds: { warn: 0.9, bad: 1 },
        colours: pools,
        queries: [
          {
            expr: 'sum by (pool) (cutroom_worker_slots{state="busy"}) / clamp_min(sum by (pool) (cutroom_worker_concurrency), 1)',
            legend: '{{pool}}',
          },
        ],
      },
      {
        title: 'CPU',
        about: 'Of the Node processes; ffmpeg counts on its own.',
        kind: 'lines',
        unit: 'percentunit',
        queries: [{ expr: 'sum by (instance) (rate(process_cpu_seconds_total{job="cutroom"}[$__rate_interval]))', legend: '{{instance}}' }],
      },
      {
        title: 'Memory',
        about: 'Of the Node processes. A line that only climbs is a leak.',
        kind: 'lines',
        unit: 'bytes',
        queries: [{ expr: 'process_resident_memory_bytes{job="cutroom"}', legend: '{{instance}}' }],
      },
      {
        title: 'Event loop lag, p99',
        about: 'Above 200 ms locks may be lost and work repeated.',
        kind: 'lines',
        unit: 's',
        thresholds: { warn: 0.1, bad: 0.2 },
        queries: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="cutroom"}', legend: '{{instance}}' }],
      },
    ],
  },
  {
    title: 'Encoding hardware',
    panels: [
      {
        title: 'Sessions',
        about: 'Encodes on the hardware and how many may run at once. Empty where no hardware encodes.',
        kind: 'lines',
        unit: 'short',
        queries: [{ expr: 'sum by (state) (cutroom_gpu_sessions)', legend: '{{state}}' }],
      },
      {
        title: 'Failures and stand-ins per minute',
        about: 'Encodes that the hardware gave up, and pieces made in software instead. Videos are whole all the same, but later.',
        kind: 'lines',
        unit: 'short',
        queries: [
          { expr: `60 * ${ratePer('encoder', 'cutroom_gpu_failures_total')}`, legend: '{{encoder}} failed' },
          { expr: `60 * ${ratePer('reason', 'cutroom_gpu_fallbacks_total')}`, legend: 'software: {{reason}}' },
        ],
      },
      {
        title: 'Busy',
        about: 'Of each card and of its encoder, where nvidia-smi is installed.',
        kind: 'lines',
        unit: 'percentunit',
        queries: [{ expr: 'max by (gpu, unit) (cutroom_gpu_utilization_ratio)', legend: 'card {{gpu}} {{unit}}' }],
      },
      {
        title: 'Memory of the cards',
        about: 'In use, where nvidia-smi is installed.',
        kind: 'lines',
        unit: 'bytes',
        queries: [{ expr: 'max by (gpu) (cutroom_gpu_memory_used_bytes)', legend: 'card {{gpu}}' }],
      },
    ],
  },
  {
    title: 'Models',
    panels: [
      {
        title: 'Spent per hour',
        about: 'Budgets of jobs cap it per job.',
        kind: 'stacked',
        unit: 'currencyUSD',
        queries: [{ expr: `3600 * ${ratePer('model', 'cutroom_ai_cost_usd_total')}`, legend: '{{model}}' }],
      },
      {
        title: 'Calls per minute',
        about: 'By outcome.',
        kind: 'stacked',
        unit: 'short',
        queries: [{ expr: `60 * ${ratePer('outcome', 'cutroom_ai_requests_total')}`, legend: '{{outcome}}' }],
      },
      {
        title: 'Tokens per minute',
        about: 'What the money goes to.',
        kind: 'stacked',
        unit: 'short',
        queries: [{ expr: `60 * ${ratePer('direction', 'cutroom_ai_tokens_total')}`, legend: '{{direction}}' }],
      },
      {
        title: 'Breakers',
        about: '0 closed, 1 half open, 2 open: results are then made by the offline rules and marked degraded.',
        kind: 'lines',
        unit: 'short',
        thresholds: { warn: 1, bad: 2 },
        queries: [{ expr: 'max by (name) (cutroom_circuit_state)', legend: '{{name}}' }],
      },
    ],
  },
  {
    title: 'Cache and storage',
    panels: [
      {
        title: 'Cache hits',
        about: 'Share of look-ups.',
        kind: 'lines',
        unit: 'percentunit',
        queries: [
          {
            expr: `${ratePer('cache, level', 'cutroom_cache_requests_total{result="hit"}')} / ${ratePer('cache, level', 'cutroom_cache_requests_total')}`,
            legend: '{{cache}} {{level}}',
          },
        ],
      },
      {
        title: 'Cache size',
        about: 'Each cache bounds itself.',
        kind: 'stacked',
        unit: 'bytes',
        queries: [{ expr: 'max by (cache) (cutroom_cache_bytes)', legend: '{{cache}}' }],
      },
      {
        title: 'Storage',
        about: 'Uploads, artifacts and outputs; retention frees it.',
        kind: 'stacked',
        unit: 'bytes',
        queries: [{ expr: 'max by (tier) (cutroom_storage_bytes)', legend: '{{tier}}' }],
      },
      {
        title: 'Scratch left',
        about: 'Room for running stages, per worker; below 5 GB work waits.',
        kind: 'lines',
        unit: 'bytes',
        queries: [{ expr: 'min by (instance) (cutroom_scratch_free_bytes)', legend: '{{instance}}' }],
      },
    ],
  },
];
