import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findPrometheus, prometheusMissing } from '../helpers/prometheus.ts';
import { runPromtool, testExpression } from '../helpers/promtool.ts';
import { root } from '../helpers/tools.ts';

interface AlertCase {
  alert: string;
  /** Ten minutes that must wake somebody, and ten that must not. */
  fires: Record<string, string>;
  quiet: Record<string, string>;
}

const rulesPath = join(root, 'deploy/prometheus/rules.yml');
const { groups } = parse(readFileSync(rulesPath, 'utf8')) as {
  groups: { rules: { alert?: string; annotations?: Record<string, string> }[] }[];
};
const alerts = groups.flatMap(({ rules }) => rules.filter(({ alert }) => alert));

const stageRuns = (outcome: string) => `cutroom_stage_duration_seconds_count{stage="assemble",outcome="${outcome}",instance="a"}`;
const requests = (status: string) => `cutroom_http_request_duration_seconds_count{status="${status}"}`;
const deliveries = (outcome: string) => `cutroom_webhook_deliveries_total{outcome="${outcome}"}`;
const loopLag = 'nodejs_eventloop_lag_p99_seconds{job="cutroom",instance="a"}';

const cases: AlertCase[] = [
  { alert: 'CutroomDown', fires: { 'up{job="cutroom"}': '1x20 0x20' }, quiet: { 'up{job="cutroom"}': '1x37 0x3' } },
  {
    alert: 'CutroomQueueFiguresStale',
    fires: { cutroom_queue_metrics_timestamp_seconds: '0+15x20 300x20' },
    quiet: { 'cutroom_queue_metrics_timestamp_seconds{instance="old"}': '0x40', cutroom_queue_metrics_timestamp_seconds: '0+15x40' },
  },
  {
    alert: 'CutroomQueueFiguresStale',
    fires: { 'up{job="cutroom"}': '1x40' },
    quiet: { cutroom_queue_metrics_timestamp_seconds: '0+15x40' },
  },
  {
    alert: 'CutroomQueueOld',
    fires: { 'cutroom_queue_oldest_wait_seconds{queue="render"}': '601x40' },
    quiet: { 'cutroom_queue_oldest_wait_seconds{queue="render"}': '599x40' },
  },
  {
    alert: 'CutroomStageFailing',
    fires: { [stageRuns('failed')]: '0+1x40', [stageRuns('done')]: '0+2x40' },
    quiet: { [stageRuns('failed')]: '0+1x40', [stageRuns('done')]: '0+9x40' },
  },
  {
    alert: 'CutroomStageFailing',
    fires: { [stageRuns('failed')]: '0+1x40' },
    quiet: { [stageRuns('failed')]: '0x20 1x20', [stageRuns('done')]: '0x20 1x20' },
  },
  {
    alert: 'CutroomApiErrors',
    fires: { [requests('500')]: '0+3x40', [requests('200')]: '0+97x40' },
    quiet: { [requests('500')]: '0+1x40', [requests('404')]: '0+50x40', [requests('200')]: '0+99x40' },
  },
  {
    alert: 'CutroomBreakerOpen',
    fires: { 'cutroom_circuit_state{name="gemini",instance="a"}': '0x40', 'cutroom_circuit_state{name="gemini",instance="b"}': '2x40' },
    quiet: { 'cutroom_circuit_state{name="gemini",instance="a"}': '2x20 1x5 0x15' },
  },
  {
    alert: 'CutroomWebhooksFailing',
    fires: { [deliveries('unreachable')]: '0+6x80', [deliveries('delivered')]: '0+4x80' },
    quiet: { [deliveries('unreachable')]: '0+4x80', [deliveries('delivered')]: '0+6x80' },
  },
  {
    alert: 'CutroomScratchLow',
    fires: { 'cutroom_scratch_free_bytes{instance="a"}': '4e9x40', 'cutroom_scratch_free_bytes{instance="b"}': '6e9x40' },
    quiet: { 'cutroom_scratch_free_bytes{instance="a"}': '6e9x40' },
  },
  { alert: 'CutroomEventLoopBlocked', fires: { [loopLag]: '0.3x80' }, quiet: { [loopLag]: '0.1x80' } },
];

describe('the rules of Prometheus', () => {
  beforeEach(async ({ skip }) => skip(!(await findPrometheus()), prometheusMissing));

  it('are taken by Prometheus, with the configuration that loads them', async () => {
    const { status, stdout } = await runPromtool('check', 'config', join(root, 'deploy/prometheus/prometheus.yml'));
    expect(stdout).toMatch(/1 rule files found.*is valid prometheus config.*rules found/s);
    expect(status).toBe(0);
  });

  it.each(cases)('$alert fires when it should and only then', async ({ alert, fires, quiet }) => {
    const firing = `count(ALERTS{alertname="${alert}",alertstate="firing"})`;
    const shared = { expression: firing, ruleFiles: [rulesPath] };
    for (const given of [
      { series: fires, sum: 1 },
      { series: quiet, sum: null },
    ]) {
      const { stdout, stderr } = await testExpression({ ...shared, ...given });
      expect(stdout + stderr).toContain('SUCCESS');
    }
  });
});

describe('every alert', () => {
  it('has its case above', () => {
    expect(new Set(cases.map(({ alert }) => alert))).toEqual(new Set(alerts.map(({ alert }) => alert)));
  });

  it('says what is wrong and what to do', () => {
    for (const { alert, annotations } of alerts) {
      expect(annotations?.['summary'], alert).toMatch(/\S+ \S+/);
      expect(annotations?.['advice'], alert).toMatch(/\.$/);
    }
  });
});
