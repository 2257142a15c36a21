import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { CutroomError, type ErrorCode, errorTable, toCutroomError } from '#contracts/errors';
import type { Logger } from '#runtime/log';
import { toBlamelessError } from '#runtime/redis-errors';

/** RFC 9457, with our code, what to do next, and where in the request the fault lies. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    code: z.enum(Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]]),
    advice: z.string(),
    request_id: z.string(),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

export type Problem = z.infer<typeof problemSchema>;

export const problemContentType = 'application/problem+json; charset=utf-8';

/** Pure: an error as its answer. The cause stays behind; the log has it under the request id. */
export function toProblem(error: CutroomError, request: { id: string; path: string }): Problem {
  const { status, title, advice } = error.row;
  const { detail, errors } = error.details;
  return {
    type: `urn:cutroom:error:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail,
    instance: request.path,
    code: error.code,
    advice,
    request_id: request.id,
    ...(errors ? { errors } : {}),
  };
}

/** The one way out for everything that goes wrong. */
export function sendProblem(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = fromFramework(thrown);
  if (error.row.status >= 500) note(error, request);
  if (error.details.retryAfterS !== undefined) reply.header('retry-after', Math.ceil(error.details.retryAfterS));
  else if (error.row.disposition === 'wait') reply.header('retry-after', defaultRetryAfterS);
  if (error.code === 'UNAUTHORIZED')
    reply.header('www-authenticate', request.routeOptions.config.browser ? 'Basic realm="cutroom"' : 'Bearer');
  closeUnread(request, reply);
  const problem = toProblem(error, { id: request.id, path: request.url.split('?', 1)[0] ?? '/' });
  return reply.code(problem.status).type(problemContentType).serializer(JSON.stringify).send(problem);
}

declare module 'fastify' {
  interface FastifyInstance {
    /** For what befalls every request while it lasts. */
    calmLog: Pick<Logger, 'warn'>;
  }
}

/** A fault of ours is told each time; that somebody else is away, only now and then. */
function note(error: CutroomError, request: FastifyRequest): void {
  const fields = { err: error.cause ?? error, code: error.code };
  if (error.row.disposition === 'wait') request.server.calmLog.warn({ ...fields, request_id: request.id }, 'requests are refused for now');
  else request.log.error(fields, 'request failed');
}

const defaultRetryAfterS = 2;
/** Long enough for the client to read the answer before its unread body resets the connection. */
const lingerMs = 1_000;

/** Nobody will read the rest of this body: the connection ends soon after the answer. */
function closeUnread({ raw }: FastifyRequest, reply: FastifyReply): void {
  if (raw.complete || raw.readableEnded || Number(raw.headers['content-length'] ?? 1) === 0) return;
  if (raw.headers['content-length'] === undefined && raw.headers['transfer-encoding'] === undefined) return;
  reply.header('connection', 'close');
  reply.raw.once('finish', () => {
    const timer = setTimeout(() => raw.destroy(), lingerMs);
    raw.once('close', () => clearTimeout(timer));
  });
}

/** Pure: what Fastify and its plugins throw, as rows of the table. */
export function fromFramework(thrown: unknown): CutroomError {
  if (thrown instanceof CutroomError || !(thrown instanceof Error)) return toCutroomError(thrown);
  const { code = '', statusCode = 500 } = thrown as Error & { code?: string; statusCode?: number };
  const known = frameworkErrors[code];
  if (known) return new CutroomError(known, { detail: thrown.message, cause: thrown });
  if (statusCode === 429) return new CutroomError('RATE_LIMITED', { detail: thrown.message, cause: thrown });
  if (statusCode >= 400 && statusCode < 500) return new CutroomError('BODY_UNREADABLE', { detail: thrown.message, cause: thrown });
  return toBlamelessError(thrown);
}

const frameworkErrors: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'UPLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_BAD_URL: 'ROUTE_NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_NOT_FOUND',
  FST_PARTS_LIMIT: 'REQUEST_INVALID',
  FST_FILES_LIMIT: 'REQUEST_INVALID',
  FST_FIELDS_LIMIT: 'REQUEST_INVALID',
  FST_PROTO_VIOLATION: 'REQUEST_INVALID',
};
