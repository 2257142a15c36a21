import type { RedisClient } from './redis.ts';

export interface Pulse {
  /** Did it take a write when it was asked last? Yes before the first answer. */
  takesWrites(): boolean;
  close(): void;
}

export interface PulseOptions {
  everyMs?: number;
  /** Told at each change: the fault, or null when it takes writes again. */
  onChange: (fault: unknown) => void;
}

const probeKey = '{cutroom}:v1:pulse';

/**
 * Asks for a write once a second. A connection can be up and of no use: the server hangs, loads its file, has become a replica, is out
 * of memory or wants another password.
 */
export function createPulse(redis: RedisClient, { everyMs = 1_000, onChange }: PulseOptions): Pulse {
  let well = true;
  const turn = (now: boolean, fault: unknown) => {
    if (now === well) return;
    well = now;
    onChange(fault);
  };
  const look = () =>
    redis.set(probeKey, '', 'PX', 60_000).then(
      () => turn(true, null),
      (fault: unknown) => turn(false, fault),
    );
  const timer = setInterval(() => void look(), everyMs);
  void look();
  return { takesWrites: () => well, close: () => clearInterval(timer) };
}
