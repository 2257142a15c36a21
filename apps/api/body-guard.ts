import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { sendProblem } from './problems.ts';

export interface BodyPace {
  /** An ordinary body must be complete after so long. */
  bodyTimeoutMs: number;
  /** An upload must bring `minUploadBytes` in every window of so long. */
  uploadWindowMs: number;
  minUploadBytes: number;
}

const defaultPace: BodyPace = { bodyTimeoutMs: 10_000, uploadWindowMs: 4_000, minUploadBytes: 16_384 };

/**
 * Puts out clients that send their body too slowly. Node's `requestTimeout` is server-wide and cuts steady uploads too,
 * so each route has its own pace; uploads are counted at the socket, because a `data` listener would steal their bytes.
 */
export function guardBodies(app: FastifyInstance, pace: BodyPace = defaultPace): void {
  app.addHook('onRequest', async (request, reply) => {
    if (!hasBody(request)) return;
    const stop = request.routeOptions.config.upload ? guardUpload(request, reply, pace) : guardWhole(request, reply, pace);
    request.raw.once('end', stop);
    request.raw.once('close', stop);
    reply.raw.once('close', stop);
  });
}

function guardWhole(request: FastifyRequest, reply: FastifyReply, { bodyTimeoutMs }: BodyPace): () => void {
  const timer = setTimeout(() => putOut(request, reply, `The body must arrive within ${bodyTimeoutMs / 1000} s.`), bodyTimeoutMs);
  return () => clearTimeout(timer);
}

function guardUpload(request: FastifyRequest, reply: FastifyReply, pace: BodyPace): () => void {
  const { socket } = request.raw;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    const arrived = socket.bytesRead - seen;
    seen = socket.bytesRead;
    // A paused request is our own slowness (disk), not the client's.
    if (arrived < pace.minUploadBytes && !request.raw.isPaused()) {
      putOut(request, reply, `An upload must bring at least ${pace.minUploadBytes} bytes in ${pace.uploadWindowMs / 1000} s.`);
    }
  }, pace.uploadWindowMs);
  return () => clearInterval(timer);
}

function putOut(request: FastifyRequest, reply: FastifyReply, detail: string): void {
  if (request.raw.complete) return;
  if (reply.sent) return void request.raw.destroy();
  sendProblem(new CutroomError('REQUEST_TIMEOUT', detail), request, reply);
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
