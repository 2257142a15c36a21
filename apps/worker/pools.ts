import type { Pool } from '#contracts/stage-declaration';
import { endChannel } from '#engine/conclude';
import type { Logger } from '#runtime/log';
import { createWorker, type WorkerOptions } from '#runtime/queue';
import type { Handler, Producer, QueueWorker } from '#runtime/queue-types';
import type { RedisClient } from '#runtime/redis';
import type { Telemetry } from '#runtime/telemetry';
import { findSilent, type Watched } from './watchdog.ts';

export interface PoolsParts {
  pools: readonly Pool[];
  concurrency: Record<Pool, number>;
  redisUrl: string;
  locks: NonNullable<WorkerOptions['locks']>;
  /** Hears of runs that have ended before their work. */
  subscriber: RedisClient;
  handlers: Record<Pool, Handler>;
  /** Knows how much waits. */
  producer: Pick<Producer, 'counts'>;
  telemetry: Telemetry;
  /** For trouble with Redis. */
  voice: Pick<Logger, 'warn'>;
  /** An entry of the pool has ended, well or badly, after so many seconds. */
  onEnd: (pool: Pool, seconds: number) => void;
  /** Who makes the workers: `createWorker`, unless a test wants to hold them. */
  openWorker?: typeof createWorker;
  log: Logger;
}

export interface Pools {
  /** Hands back what runs and is gone within about `graceMs`. */
  close(graceMs: number): Promise<void>;
}

const watchMs = 15_000;

/** One queue worker per pool, an ear for ends, and an eye on workers that fell asleep. */
export async function createPools(parts: PoolsParts): Promise<Pools> {
  const { subscriber, producer, log } = parts;
  const rooms = parts.pools.map((pool) => openRoom(pool, parts));
  subscriber.on('message', (channel, run) => {
    if (channel === endChannel) for (const { worker } of rooms) cancelRun(worker, run);
  });
  await subscriber.subscribe(endChannel);
  const watch = async () => {
    for (const room of await findSilent(rooms, producer, Date.now())) {
      log.error({ pool: room.pool }, 'a queue has work and its worker takes none: the worker is made anew');
      await room.renew();
    }
  };
  const timer = setInterval(() => void watch().catch((fault: unknown) => log.debug({ err: fault }, 'workers were not looked at')), watchMs);
  return {
    async close(graceMs) {
      clearInterval(timer);
      await Promise.all(rooms.map(({ worker }) => worker.close(graceMs)));
    },
  };
}

/** A pool's worker, and the way to another one. */
interface Room extends Watched {
  worker: QueueWorker;
  /** What the old one runs is handed back. */
  renew(): Promise<void>;
}

function openRoom(pool: Pool, parts: PoolsParts): Room {
  const { concurrency, redisUrl, locks, handlers, telemetry, onEnd, openWorker = createWorker, voice } = parts;
  let busy = 0;
  const show = (change: number) => {
    busy += change;
    telemetry.workers.slots.set({ pool, state: 'busy' }, busy);
    telemetry.workers.slots.set({ pool, state: 'idle' }, Math.max(0, concurrency[pool] - busy));
  };
  telemetry.workers.concurrency.set({ pool }, concurrency[pool]);
  show(0);
  const handler: Handler = async (item) => {
    show(1);
    room.startedMs = Date.now();
    const startedMs = performance.now();
    try {
      return await handlers[pool](item);
    } finally {
      onEnd(pool, (performance.now() - startedMs) / 1000);
      show(-1);
    }
  };
  const start = () => openWorker({ pool, concurrency: concurrency[pool], redisUrl, locks, log: voice, handler });
  const room: Room = {
    pool,
    slots: concurrency[pool],
    startedMs: Date.now(),
    worker: start(),
    async renew() {
      const before = room.worker;
      room.worker = start();
      room.startedMs = Date.now();
      await before.close(1_000);
    },
  };
  return room;
}

/** Queue ids begin with their run's. */
function cancelRun(worker: QueueWorker, run: string): void {
  for (const id of worker.running()) if (id.startsWith(`${run}.`)) worker.cancel(id);
}
