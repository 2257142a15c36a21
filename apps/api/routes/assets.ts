import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { assetViewSchema } from '#contracts/job';
import { toAssetView } from '#engine/assets';
import { type Api, type ApiContext, answerOnce, callerGone, need } from '../context.ts';
import { fetchUrl } from '../fetch-url.ts';
import { ingest } from '../ingest.ts';
import { discard } from '../receive-upload.ts';
import { idParams, nothing, pageOf, pageQuery, problem } from '../schemas.ts';
import { receiveUploads } from '../upload-hook.ts';

const fromUrl = z.strictObject({ url: z.url().max(2_000) });

/** Footage: uploaded in one request, or fetched from an address; immutable from then on. */
export function registerAssets(app: Api, context: ApiContext): void {
  const { engine } = context;

  app.post(
    '/v1/assets',
    {
      config: { upload: true, creates: true },
      preValidation: receiveUploads(context, () => undefined),
      schema: { body: fromUrl.optional(), response: { 201: assetViewSchema, ...problem } },
    },
    async (request, reply) => {
      const { tenant } = request.caller;
      const { received, body } = request;
      const signal = callerGone(reply);
      if (!received && !body) throw new CutroomError('MEDIA_TYPE_UNSUPPORTED', 'Send multipart/form-data with a file, or JSON with a url.');
      return answerOnce(
        context,
        { request, reply },
        {
          prefix: 'ast',
          identity: received?.file.sha256,
          work: async (id) => {
            const file = received?.file ?? (await fetchUrl(context, { url: body?.url ?? '', signal }));
            try {
              const asset = await ingest(context, { id, tenant, file, signal });
              return { status: 201, headers: { location: `/v1/assets/${id}` }, body: toAssetView(asset) };
            } finally {
              await discard(file);
            }
          },
        },
      );
    },
  );

  app.get('/v1/assets', { schema: { querystring: pageQuery, response: { 200: pageOf(assetViewSchema), ...problem } } }, async (request) => {
    const page = await engine.assets.list(request.caller.tenant, request.query);
    return { ...page, data: page.data.map(toAssetView) };
  });

  app.get('/v1/assets/:id', { schema: { params: idParams, response: { 200: assetViewSchema, ...problem } } }, async (request) =>
    toAssetView(need(await engine.assets.get(request.caller.tenant, request.params.id), 'asset')),
  );

  app.delete('/v1/assets/:id', { schema: { params: idParams, response: { 204: nothing, ...problem } } }, async (request, reply) => {
    const outcome = need(await engine.assets.remove(request.caller.tenant, request.params.id), 'asset');
    if (outcome === 'in_use') throw new CutroomError('ASSET_IN_USE', 'A job that has not ended reads it.');
    return reply.code(204).send();
  });
}
