import { CutroomError } from '#contracts/errors';

/** Who wants to know what becomes of the hardware. */
export interface HardwareNotes {
  /** Encodes that run on it now. */
  using(sessions: number): void;
  failed(encoder: string): void;
  /** A piece is made in software: the encoder does not work here, it failed, or the job has given it up. */
  fellBack(reason: 'missing' | 'failed' | 'given_up'): void;
}

export interface HardwareGate {
  /** Why a job's pieces shall not try the hardware; null when they may. */
  refusal(jobId: string): string | null;
  /**
   * Runs when a session is free, and keeps count of what failed. Null = the job lost faith while it waited, unless it
   * insists. Rejects with what `use` threw, or the signal's reason.
   */
  within<T>(job: { id: string; insists: boolean; signal: AbortSignal }, use: () => Promise<T>): Promise<T | null>;
}

/** So many failures of one job, without a success between them, end its use of the hardware here. */
const mostInARow = 3;
const rememberedJobs = 1000;

/** The sessions of this machine's encoder, and which jobs have lost faith in it. Drivers allow few sessions at once. */
export function createHardwareGate(sessions: number, using: HardwareNotes['using'] = () => undefined): HardwareGate {
  const failures = new Map<string, number>();
  const waiting: (() => void)[] = [];
  let free = sessions;

  const take = (by: -1 | 1) => {
    free += by;
    using(sessions - free);
  };
  const acquire = async (signal: AbortSignal) => {
    signal.throwIfAborted();
    if (free > 0) take(-1);
    else await new Promise<void>((resolve, reject) => queueUp(waiting, { resolve, reject, signal }));
  };
  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else take(1);
  };
  const note = (jobId: string, failed: boolean) => {
    const count = failed ? (failures.get(jobId) ?? 0) + 1 : 0;
    failures.delete(jobId);
    if (count > 0) failures.set(jobId, count);
    if (failures.size > rememberedJobs) failures.delete(failures.keys().next().value as string);
  };

  const refusal = (jobId: string) => ((failures.get(jobId) ?? 0) >= mostInARow ? `${mostInARow} pieces failed in a row` : null);

  return {
    refusal,
    async within({ id, insists, signal }, use) {
      await acquire(signal);
      try {
        if (!insists && refusal(id) !== null) return null;
        const result = await use();
        note(id, false);
        return result;
      } catch (error) {
        if (error instanceof CutroomError && !signal.aborted) note(id, true);
        throw error;
      } finally {
        release();
      }
    },
  };
}

function queueUp(waiting: (() => void)[], turn: { resolve: () => void; reject: (reason: unknown) => void; signal: AbortSignal }): void {
  const { resolve, reject, signal } = turn;
  const leave = () => {
    waiting.splice(waiting.indexOf(enter), 1);
    reject(signal.reason);
  };
  const enter = () => {
    signal.removeEventListener('abort', leave);
    resolve();
  };
  signal.addEventListener('abort', leave, { once: true });
  waiting.push(enter);
}
