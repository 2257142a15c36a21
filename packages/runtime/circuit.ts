/** Whether a call may be made now. `probe`: the circuit was open long enough, and this caller alone may try. */
export type Entry = { kind: 'closed' } | { kind: 'probe' } | { kind: 'open'; retryAfterMs: number };

export interface Circuit {
  /** Whoever entered tells the end by one of the three below; a probe of a dead process is given away after `probeMs`. */
  enter(caller: string): Promise<Entry>;
  succeeded(caller: string): Promise<void>;
  /** True = it has just opened. */
  failed(caller: string): Promise<boolean>;
  /** The call ended without a verdict on the provider. */
  released(caller: string): Promise<void>;
  /** Opens it whatever was counted. True = it was closed. */
  trip(): Promise<boolean>;
  look(): Promise<CircuitState>;
}

export type CircuitState = 'closed' | 'half_open' | 'open';

export interface CircuitRules {
  /** Failures in a row that open it. */
  failures: number;
  openMs: number;
  /** A failure counts for this long. */
  windowMs: number;
  /** Longer than any call may last. */
  probeMs: number;
}

export const circuitRules: CircuitRules = { failures: 5, openMs: 60_000, windowMs: 60_000, probeMs: 150_000 };

/** While somebody probes: it ends any moment. */
const lookAgainMs = ({ openMs }: CircuitRules) => Math.ceil(openMs / 6);

/** Of this process alone: what is left when there is no Redis. `circuit-shared.ts` keeps the same rules in Lua. */
export function createLocalCircuit(rules: CircuitRules, now: () => number = Date.now): Circuit {
  let failures: number[] = [];
  let openUntilMs: number | null = null;
  let probe: { caller: string; untilMs: number } | null = null;
  const open = () => {
    openUntilMs = now() + rules.openMs;
    probe = null;
  };
  const close = () => {
    openUntilMs = null;
    failures = [];
    probe = null;
  };

  return {
    async enter(caller) {
      if (openUntilMs === null) return { kind: 'closed' };
      if (now() < openUntilMs) return { kind: 'open', retryAfterMs: openUntilMs - now() };
      if (probe && now() < probe.untilMs) return { kind: 'open', retryAfterMs: Math.min(probe.untilMs - now(), lookAgainMs(rules)) };
      probe = { caller, untilMs: now() + rules.probeMs };
      return { kind: 'probe' };
    },
    async succeeded(caller) {
      if (openUntilMs === null || probe?.caller === caller) close();
    },
    async failed(caller) {
      if (openUntilMs !== null) {
        if (probe?.caller !== caller) return false;
        open();
        return true;
      }
      failures = [...failures.filter((atMs) => atMs > now() - rules.windowMs), now()];
      if (failures.length < rules.failures) return false;
      open();
      return true;
    },
    async released(caller) {
      if (probe?.caller === caller) probe = null;
    },
    async trip() {
      if (openUntilMs !== null) return false;
      open();
      return true;
    },
    async look() {
      if (openUntilMs === null) return 'closed';
      return now() < openUntilMs ? 'open' : 'half_open';
    },
  };
}
