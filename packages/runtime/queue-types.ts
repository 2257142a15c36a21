import type { Pool } from '#contracts/stage-declaration';

export type PriorityClass = 'low' | 'normal' | 'high';

/** `id` is deterministic (`<job>.<stage>`): adding it again while it waits or runs changes nothing. `data` holds ids only. */
export interface QueueEntry {
  id: string;
  data: Record<string, unknown>;
  priority: PriorityClass;
  /** Before what waits in the same class. */
  early?: boolean;
  /** Lower runs first among what is alike in class and earliness; default 0. Equal ones run in the order of their coming. */
  turn?: number;
  delayMs?: number;
  /** Runs, not counting hand-backs and waits; default 3. */
  attempts?: number;
}

export interface QueueCounts {
  waiting: number;
  active: number;
  delayed: number;
  /** Delayed entries whose time has come: only a living worker moves them on, so scaling counts them as waiting. */
  delayed_due: number;
  paused: boolean;
  /** 0 when nothing waits. */
  oldestWaitMs: number;
}

export interface Producer {
  /** Rejects with `QUEUE_UNAVAILABLE`, which means unknown: the entry may still arrive. */
  enqueue(pool: Pool, entry: QueueEntry): Promise<void>;
  enqueueMany(entries: readonly (QueueEntry & { pool: Pool })[]): Promise<void>;
  /** False when it is running, or was not there. */
  remove(pool: Pool, id: string): Promise<boolean>;
  counts(): Promise<Record<Pool, QueueCounts>>;
  /** How many entries run before it, 0 = next; null when it does not wait. */
  position(pool: Pool, id: string): Promise<number | null>;
  /** Living worker processes per pool. */
  workers(pool: Pool): Promise<number>;
  pause(pool: Pool): Promise<void>;
  resume(pool: Pool): Promise<void>;
  /** The queues as their vendor's dashboard wants them. Refused while Redis is not ready. */
  handles(): unknown[];
  isReady(): boolean;
  whenReady(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Why a running attempt was aborted. After `lock_lost` it writes nothing: another worker may own the entry. */
export type AbortReason = 'shutdown' | 'lock_lost' | 'cancelled';

export interface WorkItem {
  id: string;
  data: unknown;
  /** 1 for the first run; hand-backs, waits and crashes do not count. */
  attempt: number;
  lastAttempt: boolean;
  /** `signal.reason` is an `AbortReason`. */
  signal: AbortSignal;
}

/** Throws a `CutroomError` to say what happens next: its row's disposition decides. */
export type Handler = (item: WorkItem) => Promise<'done'>;

export interface QueueWorker {
  /** Aborts the entry with this reason if it runs here. */
  cancel(id: string): boolean;
  /** Takes nothing new; what runs goes on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  setConcurrency(concurrency: number): void;
  /** Ids of the entries that run here. */
  running(): string[];
  /** Hands everything back unblamed and is gone within about `graceMs`, with Redis down too. */
  close(graceMs?: number): Promise<void>;
}
