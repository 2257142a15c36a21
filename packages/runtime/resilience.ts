import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import CircuitBreaker from 'opossum';
import { ProviderError } from '#contracts/ai';
import { CutroomError } from '#contracts/errors';
import { type Circuit, type CircuitRules, circuitRules, createLocalCircuit } from './circuit.ts';
import { createSharedCircuit } from './circuit-shared.ts';
import { createLocalRateLimit, createSharedRateLimit, type RateLimit } from './rate-limit.ts';
import type { RedisClient } from './redis.ts';
import { judgeFailure, type RetryRules, retryRules } from './retry.ts';
import { createSemaphore } from './semaphore.ts';
import type { Telemetry } from './telemetry.ts';
import { withTimeout } from './with-timeout.ts';

export interface GuardOptions {
  /** One per provider and model; processes with the same name share circuit and rate. It is a metric's label. */
  name: string;
  /** Of the role `commands`; null = every process by itself. */
  redis: RedisClient | null;
  /** Calls at once in this process. */
  concurrency: number;
  /** Over all processes. */
  requestsPerMinute: number;
  telemetry: Pick<Telemetry, 'circuits'>;
  /** One try, from the first byte sent to the last byte read. */
  totalMs?: number;
  circuit?: CircuitRules;
  retry?: RetryRules;
  random?: () => number;
}

export interface Guard {
  /**
   * Calls until there is an answer or no hope. `call` must throw `ProviderError`s and must end soon after its signal
   * aborts: its slot is held until it has ended. It may be called several times, so money is reserved inside of it.
   *
   * Throws `AI_UNAVAILABLE` with `retryAfterS` when the circuit is open, the tries are used up, or the provider wants to
   * be left alone for longer than a worker should wait; the `ProviderError` itself when it is final (`exhausted`,
   * `refused`, `unusable`); the signal's reason when that was the end; anything else as it came.
   */
  run<T>(call: (signal: AbortSignal) => Promise<T>, options: { signal: AbortSignal }): Promise<T>;
  /** Calls of this process that have not ended yet. */
  running(): number;
  close(): void;
}

const defaultTotalMs = 120_000;
/** How long a call may take to notice its abort before its caller is let go without it. */
const longestGraceMs = 1_000;
const lookEveryMs = 1_000;

/** One retry layer around a circuit around a rate around a bulkhead. Nothing below or above it retries. */
export function createGuard(options: GuardOptions): Guard {
  const { name, telemetry, totalMs = defaultTotalMs, retry = retryRules, random = Math.random } = options;
  const { circuit, rate } = createGates(options);
  // A probe that hangs keeps everybody out.
  const probeMs = Math.min(totalMs, (options.circuit ?? circuitRules).openMs);
  const slots = createSemaphore(options.concurrency);
  const note = (event: string) => telemetry.circuits.events.inc({ name, event });
  const show = (state: keyof typeof stateFigures) => telemetry.circuits.state.set({ name }, stateFigures[state]);
  const showCalls = () => telemetry.circuits.calls.set({ name }, slots.running());
  const inFlight = new Set<AbortController>();
  const errors = createErrorSwitch({
    name,
    timeoutMs: totalMs + Math.min(longestGraceMs, totalMs),
    onTrip: () => void circuit.trip().then((opened) => opened && hasOpened()),
  });
  show('closed');
  showCalls();

  /** Calls in flight will hardly succeed, and hold their slots until they time out. */
  function hasOpened(): void {
    note('open');
    show('open');
    for (const controller of inFlight)
      controller.abort(new ProviderError('the circuit opened meanwhile', { fault: { kind: 'unavailable' } }));
  }

  /** Other processes may have opened it. */
  const look = async () => {
    if (inFlight.size === 0) return;
    const state = await circuit.look();
    show(state);
    if (state === 'open' && inFlight.size > 0) hasOpened();
  };
  const timer = setInterval(() => void look(), lookEveryMs);
  timer.unref();

  async function admit(caller: string, signal: AbortSignal): Promise<'closed' | 'probe'> {
    for (;;) {
      const entry = await circuit.enter(caller);
      if (entry.kind === 'open') {
        note('reject');
        throw unavailable('It failed several times in a row and is left alone for a while.', entry.retryAfterMs);
      }
      const waitMs = await rate.ask();
      if (waitMs === 0) {
        if (entry.kind === 'probe') note('probe');
        show(entry.kind === 'probe' ? 'half_open' : 'closed');
        return entry.kind;
      }
      await circuit.released(caller);
      if (waitMs > retry.longestMs) throw unavailable('It asked to be left alone for a while.', waitMs);
      await delay(waitMs + 1, undefined, { signal });
    }
  }

  async function tryOnce<T>(call: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    const caller = randomUUID();
    const free = await slots.acquire(signal);
    const release = () => {
      free();
      showCalls();
    };
    showCalls();
    let started = false;
    try {
      const entry = await admit(caller, signal);
      const controller = new AbortController();
      inFlight.add(controller);
      started = true;
      const work = withTimeout(call, { controller, signal, totalMs: entry === 'probe' ? probeMs : totalMs }).finally(() => {
        inFlight.delete(controller);
        release();
      });
      const value = await errors.fire(() => work);
      await circuit.succeeded(caller);
      show('closed');
      note('success');
      return value;
    } catch (error) {
      if (!started) release();
      await settle(caller, error, signal);
      throw error;
    }
  }

  async function settle(caller: string, error: unknown, signal: AbortSignal): Promise<void> {
    const kind = error instanceof ProviderError && !signal.aborted ? error.fault.kind : null;
    if (kind === null) return circuit.released(caller);
    note(kind);
    if (kind === 'unavailable') {
      if (await circuit.failed(caller)) hasOpened();
    } else if (kind === 'refused' || kind === 'unusable') await circuit.succeeded(caller);
    else await circuit.released(caller);
  }

  return {
    running: slots.running,
    async run(call, { signal }) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await tryOnce(call, signal);
        } catch (error) {
          signal.throwIfAborted();
          const verdict = judgeFailure(error, { attempt, random: random(), rules: retry });
          if (verdict.kind === 'final') throw error;
          if (isTooFast(error)) await rate.shut(verdict.kind === 'again' ? verdict.afterMs : verdict.retryAfterMs);
          if (verdict.kind === 'give_up') throw unavailable((error as Error).message, verdict.retryAfterMs, error);
          note('retry');
          await delay(verdict.afterMs + 1, undefined, { signal });
        }
      }
    },
    close() {
      clearInterval(timer);
      errors.close();
    },
  };
}

const stateFigures = { closed: 0, half_open: 1, open: 2 } as const;

function createGates({ redis, name, requestsPerMinute, circuit: rules = circuitRules }: GuardOptions): {
  circuit: Circuit;
  rate: RateLimit;
} {
  const rateRules = { limit: requestsPerMinute, windowMs: 60_000 };
  const circuit = createLocalCircuit(rules);
  const rate = createLocalRateLimit(rateRules);
  if (!redis) return { circuit, rate };
  return {
    circuit: createSharedCircuit({ redis, name, rules, local: circuit }),
    rate: createSharedRateLimit({ redis, name, rules: rateRules, local: rate }),
  };
}

const isTooFast = (error: unknown) => error instanceof ProviderError && error.fault.kind === 'rate_limited';

const unavailable = (detail: string, retryAfterMs: number, cause?: unknown) =>
  new CutroomError('AI_UNAVAILABLE', { detail, retryAfterS: Math.ceil(retryAfterMs / 1_000), cause });

interface ErrorSwitchParts {
  name: string;
  timeoutMs: number;
  onTrip: () => void;
}

/**
 * opossum as the error-rate switch and the last time-out, and nothing else: its capacity frees slots of calls that still
 * run, its half-open state is closed by a 429 or by a late success, and each process has its own. So a circuit of ours says
 * who may call, and a new breaker counts from nothing whenever one has opened.
 */
function createErrorSwitch({ name, timeoutMs, onTrip }: ErrorSwitchParts) {
  const create = () => {
    const breaker = new CircuitBreaker((work: () => Promise<unknown>) => work(), {
      name,
      timeout: timeoutMs,
      errorThresholdPercentage: 50,
      volumeThreshold: 10,
      // Five times the longest call: slower calls would fall out of the window before they failed.
      rollingCountTimeout: 5 * timeoutMs,
      resetTimeout: timeoutMs,
      errorFilter: (error: unknown) => !(error instanceof ProviderError && error.fault.kind === 'unavailable'),
    });
    breaker.on('open', onTrip);
    return breaker;
  };
  let breaker = create();
  return {
    async fire<T>(work: () => Promise<T>): Promise<T> {
      if (!breaker.closed) {
        breaker.shutdown();
        breaker = create();
      }
      try {
        // Whatever the breaker does, the end of the call is told.
        const running = work();
        return (await Promise.race([breaker.fire(() => running), running])) as T;
      } catch (error) {
        if ((error as { code?: string }).code !== 'ETIMEDOUT' || !CircuitBreaker.isOurError(error as Error)) throw error;
        throw new ProviderError('the call did not end when it was told to', { fault: { kind: 'unavailable' }, cause: error });
      }
    },
    close: () => breaker.shutdown(),
  };
}
