import rateLimit from '@fastify/rate-limit';
import { CutroomError } from '#contracts/errors';
import type { RedisClient } from '#runtime/redis';
import type { Api } from './context.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Makes something new: counted against the tenant's limit. */
    creates?: boolean;
  }
}

export interface CreationLimit {
  /** Null = no limit. */
  perMinute: number | null;
  /** Shared by all replicas; without it each counts for itself. */
  redis: RedisClient | null;
}

/** Creating requests per tenant and minute. Register before the routes. */
export async function limitCreations(app: Api, { perMinute, redis }: CreationLimit): Promise<void> {
  if (perMinute === null) return;
  await app.register(rateLimit, {
    // One count for all routes that create; a limit of its own per route would be counted per route.
    global: true,
    allowList: (request) => !request.routeOptions.config.creates,
    max: perMinute,
    timeWindow: 60_000,
    hook: 'onRequest',
    nameSpace: '{cutroom}:v1:creations:',
    ...(redis ? { redis } : {}),
    keyGenerator: (request) => request.caller?.tenant ?? '',
    errorResponseBuilder: (_request, { max, ttl }) =>
      new CutroomError('RATE_LIMITED', { detail: `A tenant may create ${max} times a minute.`, retryAfterS: ttl / 1000 }),
  });
}
