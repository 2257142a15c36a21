export interface Memo<T> {
  name: string;
  result: Promise<T>;
}

export interface Memos<T> {
  /** What `work` gave the first time, for everybody who asks by this name; a failure is not kept. */
  once(name: string, work: () => Promise<T>): Memo<T>;
  /** False when it was forgotten since, also when it was made anew. */
  holds(memo: Memo<T>): boolean;
  /** A newer one of the same name stays. */
  forget(memo: Memo<T>): void;
  clear(): void;
}

const mostKept = 10_000;

/** Work that is done once by name, until it is forgotten. */
export function createMemos<T>(): Memos<T> {
  const memos = new Map<string, Memo<T>>();
  const holds = (memo: Memo<T>) => memos.get(memo.name) === memo;
  const forget = (memo: Memo<T>) => {
    if (holds(memo)) memos.delete(memo.name);
  };
  return {
    holds,
    forget,
    clear: () => memos.clear(),
    once(name, work) {
      const known = memos.get(name);
      if (known) return known;
      if (memos.size >= mostKept) memos.delete(memos.keys().next().value as string);
      const memo = { name, result: work() };
      memos.set(name, memo);
      memo.result.catch(() => forget(memo));
      return memo;
    },
  };
}
