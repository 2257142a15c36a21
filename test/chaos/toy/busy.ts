import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Field } from './field.ts';

export interface Load {
  /** So many jobs are open at any moment. */
  open: number;
  /** How long a node takes: any time between these. */
  ms: readonly [number, number];
  random: Random;
}

/** Jobs follow each other until `end`, so that workers always have something to run. */
export function keepBusy(field: Field, { open, ms, random }: Load) {
  const ended = new AbortController();
  const work = (async () => {
    while (!ended.signal.aborted) {
      for (let missing = open - (await field.openJobs()); missing > 0; missing--)
        await field.post({ scenes: 2, ms: random.integer(...ms) });
      await delay(100); // a look now and then is enough
    }
  })();
  return {
    end(): Promise<void> {
      ended.abort();
      return work;
    },
  };
}
