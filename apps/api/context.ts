import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { CutroomError } from '#contracts/errors';
import type { IdPrefix } from '#contracts/ids';
import type { ApiDeps } from './deps.ts';
import type { Answer, Idempotency } from './idempotency.ts';
import type { Keys } from './keys.ts';
import type { Profiles } from './profiles.ts';
import type { createSpending } from './spending.ts';
import type { Templates } from './templates.ts';

export type Api = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger, ZodTypeProvider>;

/** What the routes work with: what was opened outside, and what the application makes of it. */
export interface ApiContext extends ApiDeps {
  keys: Keys;
  profiles: Profiles;
  templates: Templates;
  spending: ReturnType<typeof createSpending>;
  idempotency: Idempotency;
  /** Aborted when the application begins to close. */
  closing: AbortSignal;
}

/** Expected absence → the one answer for unknown and foreign ids. */
export function need<T>(found: T | null | undefined, what: string): T {
  if (found !== null && found !== undefined) return found;
  throw new CutroomError('NOT_FOUND', `No ${what} has this id.`);
}

/**
 * Aborts when the caller goes away before the answer. Not Fastify's `request.signal`: that follows the request stream,
 * which closes as soon as the body has been read.
 */
export function callerGone({ raw }: Exchange['reply']): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

export interface Creation {
  prefix: IdPrefix;
  /** What the request says, where its body alone does not tell. */
  identity?: unknown;
  work: (id: string) => Promise<Answer>;
}

/** Answers a creating request; with an Idempotency-Key at most once. */
export async function answerOnce(
  context: ApiContext,
  { request, reply }: Exchange,
  { prefix, identity, work }: Creation,
): Promise<FastifyReply> {
  const answer = await context.idempotency.once({
    tenant: request.caller.tenant,
    key: request.headers['idempotency-key'] as string | undefined,
    fingerprint: [request.method, request.routeOptions.url, request.params, request.query, identity ?? request.body ?? null],
    prefix,
    work,
  });
  if (answer.replayed) reply.header('idempotent-replayed', 'true');
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
}

export interface Exchange {
  // biome-ignore lint/suspicious/noExplicitAny: routes differ in their types; only what all share is used
  request: FastifyRequest<any, any, any, any, any, any, any, any>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  reply: FastifyReply<any, any, any, any, any, any, any, any>;
}
