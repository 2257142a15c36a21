import { join } from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import type { AssetRecord } from '#engine/types';
import { type Api, type ApiContext, answerOnce } from '../context.ts';
import { checkQuota } from '../quota.ts';
import { createFinish } from '../uploads/finish.ts';
import { createSharedLocker } from '../uploads/locker.ts';
import { createTus, type TusAnswer } from '../uploads/tus.ts';

const hidden = { hide: true } as const;

/** Resumable uploads, tus 1.0.0: creation, creation-with-upload, expiration, termination. The upload's id is the asset's. */
export function registerUploads(app: Api, context: ApiContext): void {
  const { engine, uploadDir, limits, closing } = context;
  const handle = createTus({
    dir: join(uploadDir, 'tus'),
    maxBytes: limits.maxUploadBytes,
    minFreeShare: limits.minFreeShare,
    checkQuota: (tenant, bytes) => checkQuota(context, tenant, bytes),
    finish: createFinish(context, closing),
    locker: context.redis ? createSharedLocker(context.redis) : undefined,
  });

  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The bytes are not read here: tus takes them from the socket.
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('tus-resumable', '1.0.0').header('tus-version', '1.0.0');
    });

    scope.post('/v1/uploads', { config: { upload: true, creates: true }, schema: hidden }, async (request, reply) =>
      answerOnce(
        context,
        { request, reply },
        {
          prefix: 'ast',
          identity: [request.headers['upload-length'], request.headers['upload-metadata']],
          work: async (newId) => ({ ...(await handle(request, { tenant: request.caller.tenant, newId })), body: undefined }),
        },
      ),
    );

    scope.options('/v1/uploads', { schema: hidden }, (request, reply) => answer(request, reply, 'local'));
    scope.options('/v1/uploads/:id', { schema: hidden }, (request, reply) => answer(request, reply, 'local'));

    scope.route<{ Params: { id: string } }>({
      method: ['HEAD', 'PATCH', 'DELETE'],
      url: '/v1/uploads/:id',
      config: { upload: true },
      schema: hidden,
      handler: async (request, reply) => {
        const { tenant } = request.caller;
        const asset = await engine.assets.get(tenant, request.params.id);
        if (!asset) return answer(request, reply, tenant);
        const { status, headers } = await answerFinished(request, asset);
        return reply.code(status).headers(headers).send();
      },
    });
  });

  async function answer(request: FastifyRequest, reply: FastifyReply, tenant: string): Promise<FastifyReply> {
    const { status, headers } = await handle(request, { tenant, newId: createId('ast') });
    return reply.code(status).headers(headers).send();
  }

  /** A finished upload stands at its end for ever; to terminate it is to delete the asset. */
  async function answerFinished({ method, headers }: FastifyRequest, { tenant, id, bytes }: AssetRecord): Promise<TusAnswer> {
    if (method === 'DELETE') {
      if ((await engine.assets.remove(tenant, id)) === 'in_use')
        throw new CutroomError('ASSET_IN_USE', 'A job that has not ended reads it.');
      return { status: 204, headers: {} };
    }
    const offset = { 'upload-offset': String(bytes), 'upload-length': String(bytes), 'cache-control': 'no-store' };
    if (method === 'HEAD') return { status: 200, headers: offset };
    if (headers['upload-offset'] === String(bytes)) return { status: 204, headers: offset };
    throw new CutroomError('UPLOAD_OFFSET_CONFLICT', 'The upload is complete.');
  }
}
