import { EventEmitter, on } from 'node:events';
import type { JobEvent } from '#contracts/job';
import type { RedisClient } from '#runtime/redis';
import { eventsChannel, eventsKey } from './state.ts';
import type { Outcome } from './types.ts';

const kept = 2000;

export const terminalEvents: readonly string[] = ['job.completed', 'job.failed', 'job.cancelled'];

export type Events = ReturnType<typeof createEvents>;

/**
 * A job's history as a Redis stream, and a nudge on one channel when it grows. A lost nudge costs a second at most:
 * followers look by themselves that often. Event ids are the stream's own, which is what Last-Event-ID brings back.
 * The history of an ended job goes before the job does: its end is told by `endOf` then, from storage.
 */
export function createEvents(redis: RedisClient, subscriber: RedisClient | null) {
  const nudges = new EventEmitter().setMaxListeners(0);
  subscriber?.on('message', (from: string, id: string) => from === eventsChannel && nudges.emit(id));

  async function read(id: string, after: string | null): Promise<JobEvent[]> {
    const entries = await redis.xrange(eventsKey(id), after ? `(${after}` : '-', '+');
    return entries.map(([entryId, [, text]]) => ({ ...(JSON.parse(text ?? '{}') as Omit<JobEvent, 'id'>), id: entryId }));
  }

  async function list(id: string, after: string | null, endOf: EndOf): Promise<JobEvent[]> {
    const events = await read(id, after);
    if (events.length > 0) return events;
    const end = await endOf();
    return end && isNews(end, after) ? [end] : [];
  }

  return {
    subscribe: async (): Promise<void> => void (await subscriber?.subscribe(eventsChannel)),

    async emit(id: string, type: string, data: Record<string, unknown>): Promise<void> {
      const text = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
      await redis.multi().xadd(eventsKey(id), 'MAXLEN', '~', kept, '*', 'event', text).publish(eventsChannel, id).exec();
    },

    list,

    /** Ends after a terminal event, or when `signal` aborts. */
    async *follow(id: string, { after, endOf, signal }: Following): AsyncGenerator<JobEvent> {
      const end = (await read(id, after)).length === 0 && (await endOf());
      if (end) return yield* isNews(end, after) ? [end] : [];
      for (let last = after; !signal.aborted; ) {
        const nudge = nextNudge(nudges, id, signal);
        for (const event of await read(id, last)) {
          yield event;
          last = event.id;
          if (terminalEvents.includes(event.type)) return nudge.cancel();
        }
        await nudge.wait;
      }
    },
  };
}

/** The terminal event of a job that has ended; null = it has not. */
export type EndOf = () => Promise<JobEvent | null>;

interface Following {
  after: string | null;
  endOf: EndOf;
  signal: AbortSignal;
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

/** Pure: has it not been told by the event that was seen last? Event ids begin with their time in ms. */
const isNews = ({ timestamp }: JobEvent, after: string | null): boolean => Number.parseInt(after ?? '0', 10) < Date.parse(timestamp);

/** Pure: an outcome as the event that told of it. */
export function toEndEvent({ job_id, status, error, finished_at }: Outcome): JobEvent {
  return { id: `${Date.parse(finished_at)}-0`, type: `job.${status}`, timestamp: finished_at, data: { job_id, status, error } };
}
