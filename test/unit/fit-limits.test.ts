import { describe, expect, it } from 'vitest';
import type { Settings } from '#contracts/settings';
import { estimateMemoryMb, fitToLimits, type LimitsInput } from '#media/render/fit-limits';
import { videoFacts } from '../helpers/video-facts.ts';

const output: Settings['output'] = { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' };
const video = videoFacts({ width: 3840, height: 2160, display_width: 3840, display_height: 2160 });

function fitted(
  limits: Partial<LimitsInput['settings']['limits']>,
  more: Partial<Pick<Settings, 'mode' | 'quality'>> & { frames?: number } = {},
) {
  const { frames = 1800, ...wish } = more;
  const settings = {
    mode: 'high_quality',
    quality: 'ultra',
    output,
    limits: { timeout_s: 3600, max_memory_mb: 8192, ...limits },
    ...wish,
  } as const;
  return fitToLimits({ settings, video, frames, machine: { cpus: 2, pieces: 2 } });
}

describe('a wish that does not fit its limits', () => {
  it('is left alone when it fits', () => {
    expect(fitted({})).toEqual({ settings: { mode: 'high_quality', quality: 'ultra', output }, warnings: [] });
  });

  it('loses size when memory is short, by one level at a time', () => {
    expect(fitted({ max_memory_mb: 2048 }).settings).toMatchObject({ quality: 'high', mode: 'high_quality' });
    expect(fitted({ max_memory_mb: 1024 }).settings).toMatchObject({ quality: 'medium', mode: 'high_quality' });
  });

  it('loses effort before size when time is short', () => {
    expect(fitted({ timeout_s: 100 }).settings).toMatchObject({ quality: 'ultra', mode: 'balanced' });
    expect(fitted({ timeout_s: 20 }).settings).toMatchObject({ quality: 'high' });
  });

  it('says what was asked, what it became, and why', () => {
    const [warning] = fitted({ max_memory_mb: 2048 }).warnings;
    expect(warning).toMatchObject({ code: 'QUALITY_STEPPED_DOWN', stage: 'timeline' });
    expect(warning?.message).toMatch(/^ultra\/high_quality became high\/high_quality: 2 pieces at once would take about \d+ MB/);
  });

  it('ends as the smallest picture and never as a failure', () => {
    const { settings, warnings } = fitted({ timeout_s: 10 }, { frames: 1e6 });
    expect(settings).toMatchObject({ quality: 'low', mode: 'fast', output: { max_height: 240 } });
    expect(warnings[0]?.message).toContain('240 lines');
  });
});

it('the estimate stays above what encodes of 1080p and 4K were measured to take (461 and 1127 MB)', () => {
  const hd = videoFacts();
  expect(estimateMemoryMb('h264', { width: 1920, height: 1080, tone_map: false }, hd)).toBeGreaterThan(461);
  expect(estimateMemoryMb('h264', { width: 3840, height: 2160, tone_map: false }, video)).toBeGreaterThan(1127);
});
