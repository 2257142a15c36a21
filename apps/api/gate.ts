import { statfs } from 'node:fs/promises';
import { CutroomError } from '#contracts/errors';
import type { Producer } from '#runtime/queue-types';
import { isRedisReady, type RedisClient } from '#runtime/redis';
import type { MemoryGate } from '#runtime/redis-health';
import type { Pulse } from '#runtime/redis-pulse';
import type { Storage } from '#storage/storage';
import type { ApiDeps, ReadinessCheck } from './deps.ts';

export interface GateParts {
  redis: RedisClient;
  producer: Producer;
  memory: MemoryGate;
  pulse: Pick<Pulse, 'takesWrites'>;
  storage: Storage;
  uploadDir: string;
  minFreeShare: number;
}

/** May work be accepted, and is this process fit to serve? The first answers from memory, the second looks. */
export function createGate(parts: GateParts): Pick<ApiDeps, 'admission' | 'readiness'> {
  const { redis, producer, memory, pulse, storage, uploadDir, minFreeShare } = parts;
  const isConnected = () => isRedisReady(redis) && producer.isReady();
  return {
    admission() {
      if (!isConnected()) return new CutroomError('QUEUE_UNAVAILABLE', { detail: 'Redis does not answer.', retryAfterS: 2 });
      if (!memory.isOpen())
        return new CutroomError('QUEUE_FULL', { detail: 'Redis has little memory left; workers go on.', retryAfterS: 10 });
      return pulse.takesWrites() ? null : new CutroomError('QUEUE_UNAVAILABLE', { detail: 'Redis takes no writes.', retryAfterS: 2 });
    },
    readiness: (signal) =>
      Promise.all([
        check('redis', signal, async () => isConnected() && pulse.takesWrites() && (await redis.ping()) === 'PONG'),
        check('storage', signal, async () => (await storage.stat('probe/readiness')) === null),
        check('scratch', signal, async () => {
          const { bavail, blocks } = await statfs(uploadDir);
          return bavail >= blocks * minFreeShare;
        }),
      ]),
  };
}

async function check(name: string, signal: AbortSignal, look: () => Promise<boolean>): Promise<ReadinessCheck> {
  const late = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(new Error('no answer in time')), { once: true }),
  );
  try {
    return (await Promise.race([look(), late])) ? { name, ready: true } : { name, ready: false, detail: 'not available' };
  } catch {
    return { name, ready: false, detail: 'does not answer' };
  }
}
