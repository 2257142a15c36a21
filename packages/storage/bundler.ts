import { type Entry, maxBundleBytes, maxBundleEntries } from './bundle.ts';

/**
 * Writes a round of entries with different keys; answers for each whether it was created, or why that failed.
 * `onWritten` is called when their bytes are on the disk: from then on the next round may be written.
 */
export type WriteRound = (entries: readonly Entry[], onWritten: () => void) => Promise<PromiseSettledResult<boolean>[]>;

/**
 * Group commit for creates: everything asked for while one round is being written makes up the next one, so the busier
 * the store, the less a create costs. Resolves when the entry is durable; false = the key existed, or somebody in the
 * same round was first.
 */
export function createBundler(write: WriteRound): (entry: Entry) => Promise<boolean> {
  const waiting: Waiting[] = [];
  let busy = false;

  const next = (): void => {
    busy = waiting.length > 0;
    if (!busy) return;
    const round = takeRound(waiting);
    let written = false;
    const onWritten = () => {
      if (!written) next();
      written = true;
    };
    write(
      [...round.values()].map(([first]) => first as Waiting),
      onWritten,
    )
      .then(
        (answers) => settle(round, answers),
        (fault: unknown) =>
          settle(
            round,
            [...round].map(() => ({ status: 'rejected', reason: fault })),
          ),
      )
      .finally(onWritten);
  };

  return (entry) =>
    new Promise((resolve, reject) => {
      waiting.push({ ...entry, resolve, reject });
      if (busy) return;
      busy = true;
      // What is asked for in the same turn of the event loop goes together.
      setImmediate(next);
    });
}

interface Waiting extends Entry {
  resolve: (created: boolean) => void;
  reject: (fault: unknown) => void;
}

/** By key, in the order of asking, as many as one bundle holds; at least one. */
function takeRound(waiting: Waiting[]): Map<string, Waiting[]> {
  const round = new Map<string, Waiting[]>();
  let bytes = 0;
  let taken = 0;
  for (const one of waiting) {
    bytes += one.bytes.length;
    if (taken > 0 && (bytes > maxBundleBytes || round.size === maxBundleEntries)) break;
    taken++;
    const rivals = round.get(one.key);
    if (rivals) rivals.push(one);
    else round.set(one.key, [one]);
  }
  waiting.splice(0, taken);
  return round;
}

function settle(round: Map<string, Waiting[]>, answers: readonly PromiseSettledResult<boolean>[]): void {
  [...round.values()].forEach((rivals, index) => {
    const answer = answers[index] as PromiseSettledResult<boolean>;
    rivals.forEach((one, place) => {
      if (answer.status === 'rejected') one.reject(answer.reason);
      else one.resolve(answer.value && place === 0);
    });
  });
}
