import { z } from 'zod';
import { createCache, type Found } from '#runtime/cache';
import { createRemoteCache } from '#runtime/cache-remote';
import { createTelemetry } from '#runtime/telemetry';
import { connect, leave, readOptions, tell, workThrough } from './crew-member.ts';
import { askToyProvider } from './toy-provider.ts';

export interface ReaderOptions {
  redisUrl: string;
  providerUrl: string;
  name: string;
  keys: number;
  requests: number;
  hands: number;
}

/** One look-up, or nothing of it: that this process is ready. */
export type Read = { ready: true } | { from: Found<string>['from']; ms: number };

/** Asks for every key in turn, over and over, as soon as it is told to begin. */
const { redisUrl, providerUrl, name, keys, requests, hands } = readOptions<ReaderOptions>();
// The limit of 50 ms is switched off: on a busy machine a late answer would be one more call, rightly.
const remote = createRemoteCache({ redis: await connect(redisUrl), timeoutMs: 1_000 });
const cache = createCache({ remote, telemetry: createTelemetry({ processMetrics: false }), maxBytes: 1e6, maxValueBytes: 1e6 });
const answers = cache.namespace({ name: 'responses', version: 1, schema: z.string() });

tell({ ready: true } satisfies Read);
await new Promise((resolve) => process.once('message', resolve));
const numbers = Array.from({ length: requests }, (_, number) => number % keys);
await workThrough(numbers, hands, async (input) => {
  const startMs = performance.now();
  const ask = (flight: AbortSignal) => askToyProvider(`${providerUrl}/${input}/${name}`, flight);
  const { from } = await answers.get({ tenant: 'a', model: 'm', parameters: null, input }, ask, {
    signal: new AbortController().signal,
  });
  tell({ from, ms: performance.now() - startMs } satisfies Read);
});
await leave();
