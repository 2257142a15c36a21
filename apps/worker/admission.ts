import { CutroomError } from '#contracts/errors';

export interface Admission {
  /** Runs `use` when that much memory can be had; else throws MEMORY_SHORT, so that the work waits unblamed for a better moment. */
  within<T>(bytes: number, use: () => Promise<T>): Promise<T>;
}

export interface AdmissionParts {
  /** Memory that can be had without swapping, in bytes. */
  readAvailable: () => Promise<number>;
  nowMs?: () => number;
}

/** Left to everything else on the machine. */
const keepBytes = 256 * 2 ** 20;
/** An encoder has taken what it needs after this long; from then on the system's own figure shows it. */
const settledMs = 10_000;

/** A look at the machine before heavy work starts. What was let in a moment ago is counted although it does not show yet. */
export function createAdmission({ readAvailable, nowMs = () => performance.now() }: AdmissionParts): Admission {
  const running = new Set<{ bytes: number; sinceMs: number }>();
  const promised = () => [...running].filter(({ sinceMs }) => nowMs() - sinceMs < settledMs).reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    async within(bytes, use) {
      const available = await readAvailable();
      const free = available - promised() - keepBytes;
      if (free < bytes)
        throw new CutroomError('MEMORY_SHORT', `About ${toMb(bytes)} MB are needed and ${toMb(Math.max(0, free))} are free.`);
      const entry = { bytes, sinceMs: nowMs() };
      running.add(entry);
      try {
        return await use();
      } finally {
        running.delete(entry);
      }
    },
  };
}

const toMb = (bytes: number) => Math.round(bytes / 1e6);
