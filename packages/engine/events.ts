import { EventEmitter } from 'node:events';
import type { JobEvent } from '#contracts/job';
import type { RedisClient } from '#runtime/redis';
import { eventsChannel, eventsKept, eventsKey, type Said, toHistoryEntry } from './state.ts';
import type { Outcome } from './types.ts';

const terminalEvents: readonly string[] = ['job.completed', 'job.failed', 'job.cancelled'];
const lookEveryMs = 1_000;
/** Of so many looks that found nothing new, one asks storage whether the job has ended. */
const looksPerEnd = 5;

export type Events = ReturnType<typeof createEvents>;

/**
 * A job's history as a Redis stream, and a nudge on one channel when it grows. A lost nudge costs a second at most:
 * followers look by themselves that often. Event ids are the stream's own, which is what Last-Event-ID brings back.
 * What Redis says is not all there is: the history of an ended job goes before the job does, and a wiped Redis forgets it.
 * Where it lacks the end, `endOf` tells it, from storage.
 */
export function createEvents(redis: RedisClient, subscriber: RedisClient | null) {
  const nudges = new EventEmitter().setMaxListeners(0);
  subscriber?.on('message', (from: string, id: string) => from === eventsChannel && nudges.emit(id));

  async function read(id: string, after: string | null): Promise<JobEvent[]> {
    const entries = await redis.xrange(eventsKey(id), after ? `(${after}` : '-', '+');
    return entries.map(([entryId, [, text]]) => ({ ...(JSON.parse(text ?? '{}') as Omit<JobEvent, 'id'>), id: entryId }));
  }

  return {
    subscribe: async (): Promise<void> => void (await subscriber?.subscribe(eventsChannel)),

    async emit(id: string, said: Said): Promise<void> {
      await redis
        .multi()
        .xadd(eventsKey(id), 'MAXLEN', '~', eventsKept, '*', 'event', toHistoryEntry(said))
        .publish(eventsChannel, id)
        .exec();
    },

    async list(id: string, after: string | null, endOf: EndOf): Promise<JobEvent[]> {
      const events = await read(id, after);
      if (isEnd(events.at(-1))) return events;
      return [...events, ...news((await endOf()) ?? [], events, after)];
    },

    /** Ends with the job, or when `signal` aborts. */
    async *follow(id: string, { after, endOf, signal }: Following): AsyncGenerator<JobEvent> {
      for (let [last, quiet] = [after, 0]; !signal.aborted; ) {
        const nudge = nextNudge(nudges, id, signal);
        try {
          const events = await read(id, last);
          yield* events;
          if (isEnd(events.at(-1))) return;
          const end = events.length === 0 && quiet++ % looksPerEnd === 0 ? await endOf() : null;
          if (end) return yield* news(end, events, last);
          last = events.at(-1)?.id ?? last;
          await nudge.wait;
        } finally {
          nudge.cancel();
        }
      }
    },
  };
}

/** What tells of the job's end: its terminal event, or nothing where the job is no more. null = it goes on. */
export type EndOf = () => Promise<readonly JobEvent[] | null>;

interface Following {
  after: string | null;
  endOf: EndOf;
  signal: AbortSignal;
}

/** Armed before the list is read, so that nothing falls between reading and waiting. */
function nextNudge(nudges: EventEmitter, id: string, signal: AbortSignal): { wait: Promise<void>; cancel: () => void } {
  let cancel = () => {};
  // By hand: what AbortSignal.any gives may be collected before it fires (Node 20), and then nobody is told.
  const wait = new Promise<void>((resolve) => {
    const timer = setTimeout(() => cancel(), lookEveryMs);
    cancel = () => {
      clearTimeout(timer);
      nudges.off(id, cancel);
      signal.removeEventListener('abort', cancel);
      resolve();
    };
    nudges.once(id, cancel);
    signal.addEventListener('abort', cancel);
  });
  return { wait, cancel };
}

const isEnd = (event: JobEvent | undefined): boolean => event !== undefined && terminalEvents.includes(event.type);

/** Pure: what of `end` neither `events` nor the event seen before them (`after`) told. Event ids begin with their time in ms. */
function news(end: readonly JobEvent[], events: readonly JobEvent[], after: string | null): JobEvent[] {
  const told = events.length > 0 ? events.findLast(isEnd)?.id : after;
  return end.filter(({ timestamp }) => Number.parseInt(told ?? '0', 10) < Date.parse(timestamp));
}

/** Pure: what a history is told of an end. */
export const toEnd = ({ job_id, status, error }: Pick<Outcome, 'job_id' | 'status' | 'error'>): Said => ({
  type: `job.${status}`,
  data: { job_id, status, error },
});

/** Pure: an outcome as the event that told of it. */
export function toEndEvent(outcome: Outcome): JobEvent {
  const { finished_at } = outcome;
  return { id: `${Date.parse(finished_at)}-0`, timestamp: finished_at, ...toEnd(outcome) };
}
