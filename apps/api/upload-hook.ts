import type { FastifyReply, FastifyRequest } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import type { ApiContext } from './context.ts';
import { checkQuota } from './quota.ts';
import { discard, type ReceivedFile, receiveMultipart, tooLarge } from './receive-upload.ts';
import { checkRoom } from './room.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What came as multipart; `assetId` is what it will be called. */
    received: { file: ReceivedFile; assetId: string } | null;
  }
}

/** Boundaries and part headers; a body beyond limit + this cannot hold an allowed file. */
const framingBytes = 65_536;

/**
 * Before validation: a multipart body is received to disk and its `request` part becomes the body, so that JSON and
 * multipart meet the same schema and handler. The file is gone when the answer is, unless it was filed.
 */
export function receiveUploads(context: ApiContext, toBody: (request: unknown, assetId: string) => unknown) {
  const { uploadDir, limits } = context;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (!request.isMultipart()) return;
    const declared = Number(request.headers['content-length'] ?? 0);
    if (declared > limits.maxUploadBytes + framingBytes) throw tooLarge(limits.maxUploadBytes);
    await checkQuota(context, request.caller.tenant, Math.max(0, declared - framingBytes));
    await checkRoom(uploadDir, { bytes: declared, minFreeShare: limits.minFreeShare });
    const { file, request: part } = await receiveMultipart(request, { dir: uploadDir, maxBytes: limits.maxUploadBytes });
    const assetId = createId('ast');
    request.received = { file, assetId };
    reply.raw.once('close', () => void discard(file));
    request.body = toBody(part, assetId);
  };
}

/** The `request` part names no input: the file is it. */
export function withUploadedInput(request: unknown, assetId: string): unknown {
  if (request !== undefined && (typeof request !== 'object' || request === null || Array.isArray(request))) return request;
  if (request && 'input' in request) {
    throw new CutroomError('REQUEST_INVALID', {
      detail: 'The uploaded file is the input; the request part must not name another.',
      errors: [{ pointer: '/input', detail: 'not together with a file' }],
    });
  }
  return { ...request, input: { asset_id: assetId } };
}
