import { beforeEach, describe, expect, it } from 'vitest';
import { kubectl, kubectlMissing, scalersOf } from '../helpers/manifests.ts';
import { findPrometheus, prometheusMissing } from '../helpers/prometheus.ts';
import { testExpression } from '../helpers/promtool.ts';

beforeEach(async ({ skip }) => {
  skip(!kubectl, kubectlMissing);
  skip(!(await findPrometheus()), prometheusMissing);
});

/** One exporter's view of the queue `render`, constant over the ten minutes; stamped now unless told otherwise. */
function exporter(instance: string, figures: { jobs: Record<string, number>; paused?: 0 | 1; stamp?: string }): Record<string, string> {
  const jobs = Object.entries(figures.jobs).map(([state, count]) => [
    `cutroom_queue_jobs{queue="render",state="${state}",instance="${instance}"}`,
    `${count}x40`,
  ]);
  return {
    ...Object.fromEntries(jobs),
    [`cutroom_queue_paused{queue="render",instance="${instance}"}`]: `${figures.paused ?? 0}x40`,
    [`cutroom_queue_metrics_timestamp_seconds{instance="${instance}"}`]: figures.stamp ?? '0+15x40',
  };
}

const busy = { active: 2, waiting: 5, delayed_due: 1, delayed: 90 };

describe('the scaling query of a pool', () => {
  it.each([
    { says: 'counts what runs and what could run, and not what is not due', series: exporter('a', { jobs: busy }), demand: 8 },
    {
      says: 'counts the queue once, though two replicas export it',
      series: { ...exporter('a', { jobs: busy }), ...exporter('b', { jobs: busy }) },
      demand: 8,
    },
    { says: 'counts only what runs while the queue is paused', series: exporter('a', { jobs: busy, paused: 1 }), demand: 2 },
    {
      says: 'counts work that is only delayed and due, so that it is never stranded',
      series: exporter('a', { jobs: { active: 0, waiting: 0, delayed_due: 3, delayed: 3 } }),
      demand: 3,
    },
    {
      says: 'is zero, not missing, when nothing is to do',
      series: exporter('a', { jobs: { active: 0, waiting: 0, delayed_due: 0, delayed: 0 } }),
      demand: 0,
    },
    {
      says: 'has no answer when the figures are older than a minute, so that nothing is scaled down on them',
      series: exporter('a', { jobs: busy, stamp: '0+15x35 525x5' }),
      demand: null,
    },
    { says: 'has no answer when nobody exports', series: { 'up{instance="a"}': '0x40' }, demand: null },
  ])('$says', async ({ series, demand }) => {
    const render = (await scalersOf('production')).find(({ pool }) => pool === 'render');
    const { status, stdout, stderr } = await testExpression({
      series,
      expression: render!.spec.triggers[0].metadata.query,
      sum: demand,
    });
    expect(stdout + stderr).toContain('SUCCESS');
    expect(status).toBe(0);
  });
});
