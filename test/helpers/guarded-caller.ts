import { setTimeout as delay } from 'node:timers/promises';
import { CutroomError } from '#contracts/errors';
import type { CircuitRules } from '#runtime/circuit';
import { createGuard } from '#runtime/resilience';
import type { RetryRules } from '#runtime/retry';
import { createTelemetry } from '#runtime/telemetry';
import { connect, leave, readOptions, tell, workThrough } from './crew-member.ts';
import { askToyProvider } from './toy-provider.ts';

export interface CallerOptions {
  redisUrl: string;
  providerUrl: string;
  jobs: number;
  concurrency: number;
  totalMs: number;
  circuit: CircuitRules;
  retry: RetryRules;
}

/** Jobs that wait as the queue would: each asks again when it was told to, until it has its answer. */
const { redisUrl, providerUrl, jobs, concurrency, totalMs, circuit, retry } = readOptions<CallerOptions>();
const redis = await connect(redisUrl);
const telemetry = createTelemetry({ processMetrics: false });
const guard = createGuard({ name: 'toy', redis, concurrency, requestsPerMinute: 10_000, telemetry, totalMs, circuit, retry });
const { signal } = new AbortController();

async function work(): Promise<void> {
  for (;;) {
    try {
      await guard.run((call) => askToyProvider(providerUrl, call), { signal });
      return tell({ answered: true });
    } catch (error) {
      if (!(error instanceof CutroomError) || error.code !== 'AI_UNAVAILABLE') throw error;
      await delay((error.details.retryAfterS ?? 1) * 1_000); // what the queue would wait
    }
  }
}

await workThrough(Array.from({ length: jobs }), 2 * concurrency, work);
await leave();
