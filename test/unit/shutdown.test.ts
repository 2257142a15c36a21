import { describe, expect, it } from 'vitest';
import { createShutdown } from '#runtime/shutdown';

const quiet = { info: () => {}, warn: () => {} } as never;
const never = () => new Promise<void>(() => {});

describe('a shutdown', () => {
  it('closes what was opened last first, one after the other, once', async () => {
    const shutdown = createShutdown(quiet);
    const closed: string[] = [];
    for (const name of ['storage', 'redis', 'worker']) {
      shutdown.add({ name, deadlineMs: 1_000, close: async () => void closed.push(name) });
    }
    expect(shutdown.signal.aborted).toBe(false);
    await Promise.all([shutdown.run('SIGTERM'), shutdown.run('SIGTERM')]);
    expect(closed).toEqual(['worker', 'redis', 'storage']);
    expect(shutdown.signal.reason).toBe('SIGTERM');
  });

  it('goes on after a deadline, and after a closer that throws', async () => {
    const shutdown = createShutdown(quiet);
    const seen: string[] = [];
    shutdown.add({ name: 'last', deadlineMs: 1_000, close: () => seen.push('last') });
    shutdown.add({
      name: 'broken',
      deadlineMs: 1_000,
      close: () => {
        throw new Error('x');
      },
    });
    shutdown.add({
      name: 'stuck',
      deadlineMs: 20,
      close: (signal) => {
        signal.addEventListener('abort', () => seen.push('late'));
        return never();
      },
    });
    await shutdown.run('SIGTERM');
    expect(seen).toEqual(['late', 'last']);
  });

  it('does not wait any longer at the second signal', async () => {
    const shutdown = createShutdown(quiet);
    let reached = false;
    shutdown.add({ name: 'after', deadlineMs: 60_000, close: () => (reached = true) });
    shutdown.add({ name: 'stuck', deadlineMs: 60_000, close: never });
    const first = shutdown.run('SIGINT');
    await shutdown.run('SIGINT');
    await first;
    expect(reached).toBe(true);
  });
});
