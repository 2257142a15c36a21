import { Readable } from 'node:stream';
import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { outputViewSchema } from '#contracts/job';
import { type Api, type ApiContext, need } from '../context.ts';
import { matchesEtag, parseRange } from '../ranges.ts';
import { idParams, pageOf, problem } from '../schemas.ts';

const fileParams = idParams.extend({ name: z.string() });

/** What a job made: the list, and the bytes with ranges and validators. */
export function registerOutputs(app: Api, { engine, storage }: ApiContext): void {
  app.get(
    '/v1/jobs/:id/outputs',
    { schema: { params: idParams, response: { 200: pageOf(outputViewSchema), ...problem } } },
    async (request) => {
      const { outputs } = need(await engine.jobs.view(request.caller.tenant, request.params.id), 'job');
      return { data: outputs, next_cursor: null, has_more: false };
    },
  );

  app.get(
    '/v1/jobs/:id/outputs/:name',
    {
      schema: {
        params: fileParams,
        response: {
          200: { description: 'The whole file', content: { '*/*': { schema: z.any() } } },
          206: { description: 'The range asked for', content: { '*/*': { schema: z.any() } } },
          304: z.undefined().describe('Not modified'),
          ...problem,
        },
      },
    },
    async (request, reply) => {
      const files = need(await engine.jobs.outputs(request.caller.tenant, request.params.id), 'job');
      const { blob, name } = need(
        files.find((file) => file.name === request.params.name),
        'output',
      );
      const etag = `"${blob.sha256}"`;
      reply.headers({
        etag,
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-cache',
        'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`,
        'content-type': blob.content_type,
        'content-security-policy': "default-src 'none'; sandbox",
      });
      const { range: wanted, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
      if (matchesEtag(ifNoneMatch, etag)) return reply.code(304).send();
      const range = parseRange(ifRange === undefined || ifRange === etag ? wanted : undefined, blob.bytes);
      if (range === 'outside') {
        reply.header('content-range', `bytes */${blob.bytes}`).removeHeader('content-disposition').removeHeader('etag');
        throw new CutroomError('RANGE_UNSATISFIABLE', `The file has ${blob.bytes} bytes.`);
      }
      const part = range === 'whole' ? null : range;
      if (part) reply.code(206).header('content-range', `bytes ${part.start}-${part.end}/${blob.bytes}`);
      reply.header('content-length', part ? part.end - part.start + 1 : blob.bytes);
      if (request.method === 'HEAD') return reply.send(Readable.from([]));
      return reply.send(await storage.read(blob.key, part ?? undefined));
    },
  );
}
