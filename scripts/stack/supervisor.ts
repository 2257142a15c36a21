import { setTimeout as delay } from 'node:timers/promises';
import type { Exit, Program } from './program.ts';

export interface SupervisorOptions {
  name: string;
  /** Gets what the first one said when it was ready, and null the first time. */
  start: (earlier: string | null) => Program;
  onCrash: (fields: { program: string; exit: Exit; again_in_ms: number }) => void;
}

export interface Supervisor {
  /** Of the first start. A program that never worked is not started again: the promise rejects. */
  ready: Promise<string>;
  /** Passes a signal on to whatever runs now. */
  kill(signal: NodeJS.Signals): void;
  stop(graceMs: number): Promise<void>;
}

const firstDelayMs = 500;
const longestDelayMs = 30_000;
/** After this long it counts as having worked, and the next crash starts over with the short delay. */
const healthyMs = 60_000;

/** Keeps one program running: once it was ready, it is started again whenever it ends, after a delay that doubles while it keeps ending. */
export function createSupervisor({ name, start, onCrash }: SupervisorOptions): Supervisor {
  const stopping = new AbortController();
  const { signal } = stopping;
  let program = start(null);
  const { ready } = program;
  void ready.then(keepRunning, () => {});

  async function keepRunning(said: string): Promise<void> {
    let waitMs = firstDelayMs;
    while (!signal.aborted) {
      const startedMs = Date.now();
      const exit = await program.exited;
      if (signal.aborted) return;
      if (Date.now() - startedMs > healthyMs) waitMs = firstDelayMs;
      onCrash({ program: name, exit, again_in_ms: waitMs });
      await delay(waitMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      waitMs = Math.min(waitMs * 2, longestDelayMs);
      program = start(said);
    }
  }

  return {
    ready,
    kill: (name) => program.kill(name),
    stop: async (graceMs) => {
      stopping.abort();
      await program.stop(graceMs);
    },
  };
}
