import { createCalmLog, type Logger } from './log.ts';
import { createProducer } from './queue.ts';
import { closeRedis, createRedis, waitForRedis } from './redis.ts';
import type { Shutdown } from './shutdown.ts';

export interface ConnectionsParts {
  redisUrl: string;
  /** `commands` fails fast when Redis is away, `worker` waits for it. */
  role: 'commands' | 'worker';
  log: Logger;
  shutdown: Shutdown;
}

const closeMs = 1_500;

/**
 * What every program holds of the queue Redis; `shutdown` closes all of it together. `whenReady` resolves when Redis answers; `voice` is
 * what everybody who has to do with it complains through, because one outage is one story.
 */
export function openConnections({ redisUrl, role, log, shutdown }: ConnectionsParts) {
  const voice = createCalmLog(log);
  const redis = createRedis({ url: redisUrl, role, log: voice });
  const subscriber = createRedis({ url: redisUrl, role: 'subscriber', log: voice });
  const producer = createProducer({ redisUrl, log: voice });
  const close = () => Promise.all([closeRedis(redis), closeRedis(subscriber), producer.close()]);
  shutdown.add({ name: 'redis', deadlineMs: closeMs, close });
  const whenReady = () => Promise.all([waitForRedis(redis, shutdown.signal), producer.whenReady(shutdown.signal)]);
  return { redis, subscriber, producer, voice, whenReady };
}
