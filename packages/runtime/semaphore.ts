export interface Semaphore {
  /** A slot, first come first served; call what it resolves to exactly when the work has ended. Rejects with the signal's reason. */
  acquire(signal: AbortSignal): Promise<() => void>;
  running(): number;
}

/** At most `slots` holders at once in this process. */
export function createSemaphore(slots: number): Semaphore {
  let running = 0;
  const queue: (() => void)[] = [];
  const release = () => {
    const next = queue.shift();
    if (next) next();
    else running--;
  };

  return {
    running: () => running,
    async acquire(signal) {
      signal.throwIfAborted();
      if (running < slots) running++;
      else await waitForTurn(queue, signal);
      return once(release);
    },
  };
}

function waitForTurn(queue: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      queue.splice(queue.indexOf(turn), 1);
      reject(signal.reason);
    };
    const turn = () => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    queue.push(turn);
    signal.addEventListener('abort', leave, { once: true });
  });
}

function once(act: () => void): () => void {
  let left = true;
  return () => {
    if (left) act();
    left = false;
  };
}
