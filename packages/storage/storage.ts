import type { Readable } from 'node:stream';

/**
 * Where everything that must survive lives: manifests, artifact records, blobs. Keys are `a/b/c` (see `keys.ts`); no key
 * is a folder of another one. Every write that has returned survives a crash of the process and of the machine.
 * Errors: `NOT_FOUND`, `STORAGE_FULL`, `STORAGE_UNAVAILABLE`.
 */
export interface Storage {
  get(key: string): Promise<Buffer | null>;
  /** Durable overwrite: readers see the old bytes or the new ones, never a mixture. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** THE commit primitive: durable create-if-absent. False = it existed (and is durable by now); the bytes are dropped. */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Absent is fine. After a power cut a deleted key may be back. */
  delete(key: string): Promise<void>;
  /** Keys that begin with `prefix` (any string, not only a folder), in byte order, strictly behind `after`. */
  list(prefix: string, options?: ListOptions): Promise<string[]>;
  stat(key: string): Promise<{ bytes: number; modifiedMs: number } | null>;
  /** Throws `NOT_FOUND` before the first byte; `end` is inclusive, as in HTTP. */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** Local file → key, create-if-absent. The file is given away: nobody may write to it afterwards. */
  putFile(key: string, path: string, signal: AbortSignal): Promise<void>;
  /** Absolute local path of the bytes, read-only. */
  openFile(key: string, signal: AbortSignal): Promise<string>;
  /** `freeBytes` is null where the store cannot tell. Looks at every key: ask rarely. */
  usage(): Promise<{ bytes: number; freeBytes: number | null }>;
  close(): Promise<void>;
}

export interface ListOptions {
  after?: string;
  /** Default 1000. */
  limit?: number;
}

export interface ByteRange {
  start: number;
  end: number;
}

export const defaultListLimit = 1000;
