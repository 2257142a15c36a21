import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from './log.ts';

/** The moments between two writes in which a death would cost most. */
export const failpointNames = [
  'idempotency.before',
  'idempotency.after',
  'manifest.before',
  'manifest.after',
  'enqueue.before',
  'enqueue.after',
  'attempt.before',
  'attempt.after',
  'blobs.written',
  'commit.before',
  'commit.after',
  'outcome.after',
  'outbox.before',
  'outbox.after',
  'handback.before',
] as const;
export type FailpointName = (typeof failpointNames)[number];

export interface Failpoint {
  name: FailpointName;
  /** `kill` = SIGKILL to this process, `stop` = SIGSTOP (somebody else lets it go on). */
  action: 'kill' | 'throw' | 'sleep' | 'stop';
  sleepMs: number;
  /** The how-manieth arrival is hit, and only that one. */
  nth: number;
}

const form = /^([a-z.]+):(kill|throw|stop|sleep (\d{1,6}))(?::(\d{1,6}))?$/;

/** `name:kill|throw|sleep MS|stop:nth`, several by comma. Throws an Error that says what is wrong. */
export function parseFailpoints(text: string): Failpoint[] {
  return text.split(',').map((part) => {
    const [, name, action = '', sleepMs, nth] = form.exec(part.trim()) ?? [];
    if (!name) throw new Error('expected name:kill|throw|sleep MS|stop:nth');
    if (!isFailpoint(name)) throw new Error(`there is no failpoint ${name}; choose from ${failpointNames.join(', ')}`);
    return { name, action: action.split(' ')[0] as Failpoint['action'], sleepMs: Number(sleepMs ?? 0), nth: Number(nth ?? 1) };
  });
}

const isFailpoint = (name: string): name is FailpointName => (failpointNames as readonly string[]).includes(name);

interface Armed extends Failpoint {
  arrivals: number;
}
let armed: Armed[] = [];

/** For fault tests: from now on `reach` acts at these points. Said in the log, so that nobody wonders later. */
export function armFailpoints(points: readonly Failpoint[] | null, log: Pick<Logger, 'warn'>): void {
  if (!points) return;
  log.warn({ failpoints: points }, 'failpoints are armed: this process will fail on purpose');
  armed = points.map((point) => ({ ...point, arrivals: 0 }));
}

/** Does nothing, and costs nothing to speak of, unless this point is armed. */
export async function reach(name: FailpointName): Promise<void> {
  for (const point of armed) if (point.name === name && ++point.arrivals === point.nth) await act(point);
}

async function act({ name, action, sleepMs }: Failpoint): Promise<void> {
  if (action === 'throw') throw new Error(`failpoint ${name}`);
  if (action === 'sleep') return delay(sleepMs);
  process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
}
