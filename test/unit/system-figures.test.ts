import { expect, test } from 'vitest';
import type { EndedRun } from '#engine/history';
import { toMeasured } from '../../apps/api/measured.ts';
import { type Machine, recommend } from '../../apps/api/recommendation.ts';
import { toTrends } from '../../apps/api/trends.ts';

const nowMs = Date.parse('2026-11-20T12:00:00.000Z');
const hourMs = 3_600_000;
const run = (hoursAgo: number, change: Partial<EndedRun> = {}): EndedRun => ({
  job_id: 'job_1',
  status: 'completed',
  mode: 'balanced',
  finished_at: new Date(nowMs - hoursAgo * hourMs).toISOString(),
  wall_s: 5,
  media_s: 10,
  stages: [],
  ...change,
});
const trends = (runs: EndedRun[]) => toTrends(runs, { period: 'day', count: 2, nowMs });

test('periods count what ended in them, and cancelled jobs are no errors', () => {
  const { periods, change } = trends([
    run(1),
    run(2, { status: 'failed', wall_s: null }),
    run(3, { status: 'cancelled', wall_s: null }),
    run(25),
    run(49),
  ]);
  expect(periods[0]).toMatchObject({ ended: 3, completed: 1, failed: 1, cancelled: 1, error_rate: 0.5, measured: 1 });
  expect(periods[1]).toMatchObject({ ended: 1, error_rate: 0, seconds_per_media_second: { mean: 0.5, p95: 0.5 } });
  expect(change).toEqual({ ended: 2, error_rate: 0.5, seconds_per_media_second: 0 });
});

test('nothing is said of what was not measured', () => {
  const { periods, change, regression } = trends([run(1, { media_s: null }), run(2, { wall_s: null })]);
  expect(periods[0]).toMatchObject({ ended: 2, measured: 0, seconds_per_media_second: null });
  expect(periods[1]).toMatchObject({ ended: 0, error_rate: null });
  expect(change).toMatchObject({ error_rate: null, seconds_per_media_second: null });
  expect(regression.found).toBeNull();
});

test.each([
  [5.4, false],
  [5.6, true],
])('five jobs a day at %d s instead of 5: regression %s', (wall_s, found) => {
  const days = [1, 2, 3, 4, 5].flatMap((hour) => [run(hour, { wall_s }), run(24 + hour)]);
  expect(trends(days).regression.found).toBe(found);
});

test('a stage’s speed is that of its nodes together; what was cached is left out', () => {
  const line = (name: string, wall_s: number, cached = false) => ({ name, wall_s, cached, worker: 'host-1.4711' });
  const stages = [line('render-chunk.0', 1), line('render-chunk.1', 3), line('preview', 0, true)];
  expect(toMeasured([run(1, { stages })])).toEqual({
    jobs: 1,
    modes: { balanced: { jobs: 1, mean: 0.5, p95: 0.5 } },
    stages: [{ name: 'render-chunk', jobs: 1, speed: 2.5 }],
    machines: ['host-1'],
  });
});

const machine: Machine = {
  cpus: 2,
  memory_total_bytes: 4e9,
  memory_available_bytes: 2e9,
  ffmpeg: '5.1',
  encoders: ['aac', 'libx264', 'h264_nvenc', 'h264_qsv'],
  hardware: ['h264_nvenc'],
};
const trial = { fast: 0.2, balanced: 0.3, high_quality: 0.9 };
const recommendFrom = (changes: Partial<Machine> = {}, runs: EndedRun[] = []) =>
  recommend({ ...machine, ...changes }, { measured: toMeasured(runs), trial });

test('advice without measurements says so and follows from the machine', () => {
  const small = recommendFrom();
  expect(small).toMatchObject({ tier: { value: 'small' }, machine: { encoders: { software: ['libx264'], hardware: ['h264_nvenc'] } } });
  expect(small.advice).toMatchObject({ quality: { value: 'high' }, render_concurrency: { value: 2 }, prepare_concurrency: { value: 1 } });
  expect(small.advice.mode).toEqual({ value: 'balanced', reason: expect.stringContaining('trial encode here took 0.30 s') });
  expect(small.advice.hardware).toEqual({ value: 'auto', reason: expect.stringContaining('h264_nvenc encoded') });
  expect(recommendFrom({ hardware: [] }).advice.hardware.value).toBe('off');
  const large = recommendFrom({ cpus: 16, memory_total_bytes: 64e9 });
  expect(large).toMatchObject({ tier: { value: 'large' }, advice: { quality: { value: 'ultra' }, render_concurrency: { value: 16 } } });
  expect(recommendFrom({ memory_total_bytes: 1e9 }).advice).toMatchObject({
    quality: { value: 'medium' },
    render_concurrency: { value: 1 },
  });
});

test('advice follows what was measured: the most careful mode that keeps up with real time', () => {
  const adviseFrom = (runs: EndedRun[]) => recommendFrom({}, runs).advice.mode;
  expect(adviseFrom([run(1), run(1, { mode: 'high_quality', wall_s: 9 })]).value).toBe('high_quality');
  expect(adviseFrom([run(1), run(1, { mode: 'high_quality', wall_s: 11 })])).toMatchObject({
    value: 'balanced',
    reason: expect.stringContaining('0.5 s'),
  });
  expect(adviseFrom([run(1, { wall_s: 30 })]).value).toBe('fast');
});
