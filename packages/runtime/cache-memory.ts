import type { CacheEntry } from './cache-envelope.ts';

export interface MemoryCache {
  get(key: string): CacheEntry | null;
  set(key: string, entry: CacheEntry): void;
  delete(key: string): void;
  /** Keeps at most this share of its room, 0–1, from now on. */
  fit(share: number): void;
  bytes(): number;
}

export interface MemoryCacheOptions {
  maxBytes: number;
  /** Of every entry that comes or goes: what it changes, and whether it had to make room. */
  onChange?: (key: string, bytes: number, evicted: boolean) => void;
}

/** Of a key and its entry in a Map, beside the text itself; measured roughly, erring high. */
const overheadBytes = 256;

/** The least recently used goes first. Texts count by their length in UTF-16. */
export function createMemoryCache({ maxBytes, onChange = () => undefined }: MemoryCacheOptions): MemoryCache {
  const entries = new Map<string, CacheEntry>();
  let bytes = 0;
  let room = maxBytes;
  const drop = (key: string, evicted: boolean) => {
    const entry = entries.get(key);
    if (!entry) return;
    entries.delete(key);
    bytes -= sizeOf(key, entry);
    onChange(key, -sizeOf(key, entry), evicted);
  };
  const shrink = () => {
    for (const key of entries.keys()) {
      if (bytes <= room) return;
      drop(key, true);
    }
  };

  return {
    bytes: () => bytes,
    get(key) {
      const entry = entries.get(key);
      if (!entry) return null;
      entries.delete(key);
      entries.set(key, entry);
      return entry;
    },
    set(key, entry) {
      drop(key, false);
      const size = sizeOf(key, entry);
      if (size > room) return;
      entries.set(key, entry);
      bytes += size;
      onChange(key, size, false);
      shrink();
    },
    delete: (key) => drop(key, false),
    fit(share) {
      room = maxBytes * share;
      shrink();
    },
  };
}

const sizeOf = (key: string, { text }: CacheEntry) => 2 * (key.length + text.length) + overheadBytes;
