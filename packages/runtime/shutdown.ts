import type { Logger } from './log.ts';

export interface Closer {
  name: string;
  /** The next one starts after this time whether it is through or not. */
  deadlineMs: number;
  /** The signal says that nobody waits any more. */
  close: (signal: AbortSignal) => unknown;
}

export interface Shutdown {
  /** Closers run in the reverse order of registration, one after the other: what was opened last closes first. */
  add(closer: Closer): void;
  /** The first call starts it, a second one skips what it waits for and goes on with the next. Resolves when all are through. */
  run(reason: string): Promise<void>;
  /** Aborted by the first `run`. */
  signal: AbortSignal;
}

/** Orderly end of a process, without touching the process: its `main.ts` calls `run` on signals and exits afterwards. */
export function createShutdown(log: Pick<Logger, 'info' | 'warn'>): Shutdown {
  const closers: Closer[] = [];
  const begun = new AbortController();
  let current = new AbortController();
  let running: Promise<void> | null = null;

  const runAll = async () => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      current = new AbortController();
      await closeOne(closer, current, log);
    }
  };

  return {
    signal: begun.signal,
    add: (closer) => void closers.push(closer),
    run(reason) {
      if (running) {
        log.warn({ reason }, 'stopping at once');
        current.abort();
        return running;
      }
      log.info({ reason }, 'stopping');
      begun.abort(reason);
      running = runAll();
      return running;
    },
  };
}

async function closeOne({ name, deadlineMs, close }: Closer, limit: AbortController, log: Pick<Logger, 'warn'>): Promise<void> {
  const timer = setTimeout(() => limit.abort(), deadlineMs);
  const late = new Promise<'late'>((resolve) => limit.signal.addEventListener('abort', () => resolve('late'), { once: true }));
  const closing = (async () => close(limit.signal))().catch((error: unknown) => log.warn({ err: error, name }, 'could not be closed'));
  const first = await Promise.race([closing, late]);
  clearTimeout(timer);
  if (first === 'late') log.warn({ name, deadlineMs }, 'did not close in time');
}
