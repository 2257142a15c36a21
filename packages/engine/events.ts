import { EventEmitter, on } from 'node:events';
import type { JobEvent } from '#contracts/job';
import type { RedisClient } from '#runtime/redis';
import { eventsChannel, eventsKey } from './state.ts';

const kept = 2000;

export const terminalEvents: readonly string[] = ['job.completed', 'job.failed', 'job.cancelled'];

export type Events = ReturnType<typeof createEvents>;

/**
 * A job's history as a Redis stream, and a nudge on one channel when it grows. A lost nudge costs a second at most:
 * followers look by themselves that often. Event ids are the stream's own, which is what Last-Event-ID brings back.
 */
export function createEvents(redis: RedisClient, subscriber: RedisClient | null) {
  const nudges = new EventEmitter().setMaxListeners(0);
  subscriber?.on('message', (from: string, id: string) => from === eventsChannel && nudges.emit(id));

  async function list(id: string, after: string | null): Promise<JobEvent[]> {
    const entries = await redis.xrange(eventsKey(id), after ? `(${after}` : '-', '+');
    return entries.map(([entryId, [, text]]) => ({ ...(JSON.parse(text ?? '{}') as Omit<JobEvent, 'id'>), id: entryId }));
  }

  return {
    subscribe: async (): Promise<void> => void (await subscriber?.subscribe(eventsChannel)),

    async emit(id: string, type: string, data: Record<string, unknown>): Promise<void> {
      const text = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
      await redis.multi().xadd(eventsKey(id), 'MAXLEN', '~', kept, '*', 'event', text).publish(eventsChannel, id).exec();
    },

    list,

    /** Ends after a terminal event, or when `signal` aborts. */
    async *follow(id: string, after: string | null, signal: AbortSignal): AsyncGenerator<JobEvent> {
      for (let last = after; !signal.aborted; ) {
        const nudge = nextNudge(nudges, id, signal);
        for (const event of await list(id, last)) {
          yield event;
          last = event.id;
          if (terminalEvents.includes(event.type)) return nudge.cancel();
        }
        await nudge.wait;
      }
    },
  };
}

/** Armed before the list is read, so that nothing falls between reading and waiting. */
function nextNudge(nudges: EventEmitter, id: string, signal: AbortSignal): { wait: Promise<void>; cancel: () => void } {
  const ended = new AbortController();
  const stop = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(1000)]);
  const wait = on(nudges, id, { signal: stop })
    .next()
    .then(
      () => ended.abort(),
      () => undefined,
    );
  return { wait, cancel: () => ended.abort() };
}
