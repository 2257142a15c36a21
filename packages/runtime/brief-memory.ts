export interface BriefMemory<T> {
  get(key: string): Promise<T | null>;
  forget(key: string): void;
}

/**
 * Remembers what was found, not what was missing, for `keepMs` and no more than `maxEntries` of it: what another process
 * changes is seen here that much later at most.
 */
export function createBriefMemory<T>(
  find: (key: string) => Promise<T | null>,
  { keepMs, maxEntries, now = Date.now }: { keepMs: number; maxEntries: number; now?: () => number },
): BriefMemory<T> {
  const known = new Map<string, { value: T; untilMs: number }>();
  return {
    async get(key) {
      const found = known.get(key);
      if (found && found.untilMs > now()) return found.value;
      const askedMs = now();
      const value = await find(key);
      known.delete(key);
      if (value !== null) known.set(key, { value, untilMs: askedMs + keepMs });
      if (known.size > maxEntries) known.delete(known.keys().next().value as string);
      return value;
    },
    forget: (key) => void known.delete(key),
  };
}
