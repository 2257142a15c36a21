import { describe, expect, it } from 'vitest';
import { busyShare, parseMemAvailable } from '#runtime/system';

describe('the look at the machine', () => {
  it('gives the share of time in which the processors worked', () => {
    expect(busyShare({ idleMs: 100, totalMs: 1_000 }, { idleMs: 350, totalMs: 2_000 })).toBe(0.75);
    expect(busyShare({ idleMs: 0, totalMs: 0 }, { idleMs: 0, totalMs: 0 })).toBe(0);
  });

  it('finds the memory that can be had', () => {
    expect(parseMemAvailable('MemTotal:       8000 kB\nMemAvailable:   2048 kB\n')).toBe(2_097_152);
    expect(parseMemAvailable('')).toBeNull();
  });
});
