import { type Entry, maxBundleBytes, maxBundleEntries } from './bundle.ts';

/** Was it created? False = it existed; an error = nobody knows. */
export type Answer = boolean | Error;
/** Writes entries with different keys, and answers for each. */
export type WriteRound = (entries: readonly Entry[]) => Promise<Answer[]>;

/** A round waits no longer than this for as many entries as the one before had. */
const gatherMs = 1;

/**
 * Group commit for creates: everything asked for while one round is being written makes up the next one, so the busier
 * the store, the less a create costs. Resolves when the entry is durable; false = the key existed, or somebody in the
 * same round was first.
 */
export function createBundler(write: WriteRound): (entry: Entry) => Promise<boolean> {
  const waiting: Waiting[] = [];
  let expected = 0;
  let busy = false;
  let complete: () => void = () => undefined;

  const gather = (): Promise<void> =>
    new Promise((resolve) => {
      if (waiting.length >= expected) return void setImmediate(resolve); // those of the same turn go along
      const timer = setTimeout(resolve, gatherMs);
      complete = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const work = async (): Promise<void> => {
    for (busy = true; waiting.length > 0; ) {
      await gather();
      const taken = takeRound(waiting);
      expected = taken.length;
      await run(taken);
    }
    busy = false;
  };

  const run = async (taken: readonly Waiting[]): Promise<void> => {
    const places = new Map<string, number>();
    const firsts: Waiting[] = [];
    for (const entry of taken) if (!places.has(entry.key)) places.set(entry.key, firsts.push(entry) - 1);
    const answers = await write(firsts).catch((fault: Error) => firsts.map(() => fault));
    for (const entry of taken) {
      const place = places.get(entry.key) as number;
      const answer = answers[place] as Answer;
      if (answer instanceof Error) entry.reject(answer);
      else entry.resolve(answer && firsts[place] === entry);
    }
  };

  return ({ key, bytes }) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, bytes, resolve, reject });
      if (!busy) void work();
      else if (waiting.length >= expected) complete();
    });
}

interface Waiting extends Entry {
  resolve: (created: boolean) => void;
  reject: (fault: unknown) => void;
}

/** In the order of asking, as many as one bundle holds; at least one. */
function takeRound(waiting: Waiting[]): Waiting[] {
  let bytes = 0;
  const beyond = waiting.findIndex((entry, place) => {
    bytes += entry.bytes.length;
    return place > 0 && (bytes > maxBundleBytes || place === maxBundleEntries);
  });
  return waiting.splice(0, beyond === -1 ? waiting.length : beyond);
}
