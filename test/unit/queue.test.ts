import { describe, expect, it } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createMicroBatch } from '#runtime/micro-batch';
import { retryDelayMs, waitDelayMs } from '#runtime/queue';

describe('the pause before the next attempt', () => {
  it('doubles from one second, half of it random', () => {
    const lowest = [1, 2, 3].map((attempt) => retryDelayMs(attempt, undefined, () => 0));
    const highest = [1, 2, 3].map((attempt) => retryDelayMs(attempt, undefined, () => 1));
    expect(lowest).toEqual([500, 1_000, 2_000]);
    expect(highest).toEqual([1_000, 2_000, 4_000]);
    expect(retryDelayMs(1_000, undefined, () => 1)).toBe(256_000);
  });

  it('is never shorter than what the other side asked for', () => {
    const asked = new CutroomError('URL_UNREACHABLE', { detail: 'x', retryAfterS: 60 });
    expect(retryDelayMs(1, asked, () => 0)).toBe(60_000);
  });

  it('of a wait is what was asked, or 5 s, and up to a fifth more', () => {
    const error = (retryAfterS?: number) => new CutroomError('RATE_LIMITED', { detail: 'x', ...(retryAfterS ? { retryAfterS } : {}) });
    expect(waitDelayMs(error(), () => 0)).toBe(5_000);
    expect(waitDelayMs(error(46), () => 0)).toBe(46_000);
    expect(waitDelayMs(error(46), () => 1)).toBe(55_200);
  });
});

describe('a micro-batch', () => {
  it('sends what one turn of the loop brought together, in order', async () => {
    const sent: number[][] = [];
    const push = createMicroBatch<number>(async (items) => void sent.push(items));
    await Promise.all([push(1), push(2), Promise.resolve().then(() => push(3))]);
    await push(4);
    expect(sent).toEqual([[1, 2, 3], [4]]);
  });

  it('fails everybody who was in it, and nobody else', async () => {
    let broken = true;
    const push = createMicroBatch<number>(async () => {
      if (broken) throw new Error('down');
    });
    const outcomes = await Promise.allSettled([push(1), push(2)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    broken = false;
    await push(3);
  });
});
