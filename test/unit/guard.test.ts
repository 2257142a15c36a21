import { describe, expect, test } from 'vitest';
import { ProviderError, type ProviderFault } from '#contracts/ai';
import { createGuard, type GuardOptions } from '#runtime/resilience';
import { createTelemetry } from '#runtime/telemetry';

const quick = { tries: 3, minMs: 1, maxMs: 2, blindMs: 4, longestMs: 200 };
const never = new AbortController().signal;
const guardOf = (options: Partial<GuardOptions> = {}) =>
  createGuard({
    name: 'test',
    redis: null,
    concurrency: 2,
    requestsPerMinute: 1_000,
    telemetry: createTelemetry({ processMetrics: false }),
    retry: quick,
    random: () => 0.5,
    ...options,
  });
const fails = (fault: ProviderFault) => new ProviderError(fault.kind, { fault });

/** A call that fails in order with what the list says, then answers; it counts and times its calls. */
function script(...faults: ProviderFault[]) {
  const calls: number[] = [];
  return {
    calls,
    call: async () => {
      calls.push(performance.now());
      const fault = faults[calls.length - 1];
      if (fault) throw fails(fault);
      return 'answer';
    },
  };
}

describe('a guarded call', () => {
  test('is tried three times when the provider is down, and no more', async () => {
    const twice = script({ kind: 'unavailable' }, { kind: 'unavailable' });
    await expect(guardOf().run(twice.call, { signal: never })).resolves.toBe('answer');
    const always = script(...Array.from({ length: 9 }, () => ({ kind: 'unavailable' }) as const));
    await expect(guardOf().run(always.call, { signal: never })).rejects.toMatchObject({ code: 'AI_UNAVAILABLE' });
    expect(always.calls).toHaveLength(3);
  });

  const finals: ProviderFault[] = [{ kind: 'exhausted', retryAfterMs: null }, { kind: 'refused' }, { kind: 'unusable' }];
  test.each(finals)('that is $kind is never repeated, and its own error comes out', async (fault) => {
    const once = script(fault, fault);
    await expect(guardOf().run(once.call, { signal: never })).rejects.toMatchObject({ name: 'ProviderError', fault });
    expect(once.calls).toHaveLength(1);
  });

  test('that came too fast waits as long as it was told, and so does everybody else', async () => {
    const guard = guardOf();
    const told = script({ kind: 'rate_limited', retryAfterMs: 200 });
    const other = script();
    const first = guard.run(told.call, { signal: never });
    await new Promise((resolve) => setTimeout(resolve, 80)); // the refusal has to be heard first, on a busy machine too
    await Promise.all([first, guard.run(other.call, { signal: never })]);
    const [refused = 0, again = 0] = told.calls;
    const roundingMs = 1; // two clocks
    expect(again - refused).toBeGreaterThanOrEqual(200 - roundingMs);
    expect(other.calls[0]! - refused).toBeGreaterThanOrEqual(200 - roundingMs);
  });

  test('that would have to wait longer than a worker should goes back with the time', async () => {
    const told = script({ kind: 'rate_limited', retryAfterMs: 53_000 });
    await expect(guardOf().run(told.call, { signal: never })).rejects.toMatchObject({ details: { retryAfterS: 53 } });
    expect(told.calls).toHaveLength(1);
  });

  test('is not made when five in a row have failed', async () => {
    const guard = guardOf();
    const down = script(...Array.from({ length: 20 }, () => ({ kind: 'unavailable' }) as const));
    for (let i = 0; i < 4; i++) await guard.run(down.call, { signal: never }).catch(() => null);
    expect(down.calls).toHaveLength(5);
  });

  test('that was too fast or refused says nothing against the provider', async () => {
    const guard = guardOf();
    const picky = script(...Array.from({ length: 8 }, () => ({ kind: 'refused' }) as const));
    for (let i = 0; i < 8; i++) await guard.run(picky.call, { signal: never }).catch(() => null);
    await expect(guard.run(picky.call, { signal: never })).resolves.toBe('answer');
  });

  test('is aborted after its time, and its slot is held until it has ended', async () => {
    const guard = guardOf({ concurrency: 1, totalMs: 10, retry: { ...quick, tries: 1 } });
    let end: (late: string) => void = () => undefined;
    let aborted: unknown;
    const stubborn = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        aborted = signal.reason;
      });
      return new Promise<string>((resolve) => {
        end = resolve;
      });
    };
    await expect(guard.run(stubborn, { signal: never })).rejects.toMatchObject({ code: 'AI_UNAVAILABLE' });
    expect(aborted).toMatchObject({ fault: { kind: 'unavailable' } });
    expect(guard.running()).toBe(1);
    end('late');
    await new Promise((resolve) => setTimeout(resolve, 5)); // the slot is given back in the turns after
    expect(guard.running()).toBe(0);
  });

  test('ends with the reason of its signal, wherever it waits', async () => {
    const guard = guardOf({ concurrency: 1 });
    const stop = new AbortController();
    const hang = (signal: AbortSignal) => new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const calls = [guard.run(hang, { signal: stop.signal }), guard.run(hang, { signal: stop.signal })];
    setTimeout(() => stop.abort('cancelled'), 5); // when one of them runs and the other waits for its slot
    expect(await Promise.allSettled(calls)).toEqual([1, 2].map(() => ({ status: 'rejected', reason: 'cancelled' })));
    expect(guard.running()).toBe(0);
  });
});
