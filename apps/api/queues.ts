import { pools } from '#contracts/stage-declaration';
import type { Producer } from '#runtime/queue-types';
import type { QueueDesk } from './deps.ts';

/** How long one entry is in seconds of footage, on average: a chunk is short, everything else is a whole job's. */
const mediaSeconds = { prepare: 60, ai: 60, render: 20, deliver: 0 } as const;

/** The queues as an operator sees them. */
export function createQueueDesk(producer: Producer): QueueDesk {
  return {
    async list() {
      const [counts, workers] = await Promise.all([producer.counts(), Promise.all(pools.map((pool) => producer.workers(pool)))]);
      return pools.map((name, index) => {
        const { paused, oldestWaitMs, ...jobs } = counts[name];
        return {
          name,
          paused,
          jobs,
          oldest_wait_s: oldestWaitMs / 1000,
          backlog_media_s: (jobs.waiting + jobs.delayed_due) * mediaSeconds[name],
          workers: workers[index] ?? 0,
        };
      });
    },
    pause: producer.pause,
    resume: producer.resume,
    handles: producer.handles,
  };
}
