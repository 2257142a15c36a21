import { z } from 'zod';
import { jobStatuses } from '#contracts/job';
import { createBatch } from '../batches.ts';
import { type Api, type ApiContext, answerOnce, need } from '../context.ts';
import { idParams, problem } from '../schemas.ts';

const wish = z.strictObject({ jobs: z.array(z.unknown()).min(1).max(500).describe('JobRequests; each is judged by itself') });
const pointed = z.object({ pointer: z.string(), detail: z.string() });
const batchSchema = z
  .object({
    id: z.string(),
    created_at: z.iso.datetime(),
    total: z.number().int(),
    refused: z.number().int(),
    counts: z.record(z.enum(jobStatuses), z.number().int()),
    progress: z.number().int().min(0).max(100),
    finished: z.boolean(),
    members: z.array(
      z.object({
        index: z.number().int(),
        job_id: z.string().nullable(),
        error: z.object({ code: z.string(), detail: z.string(), errors: z.array(pointed) }).nullable(),
      }),
    ),
  })
  .meta({ id: 'Batch' });

/** Up to 500 jobs in one request, watched and cancelled together. */
export function registerBatches(app: Api, context: ApiContext): void {
  const { engine, admission } = context;
  const { batches } = engine;

  app.post(
    '/v1/batches',
    {
      bodyLimit: 16 * 1_048_576,
      config: { creates: true },
      onRequest: async () => {
        const refusal = admission();
        if (refusal) throw refusal;
      },
      schema: { body: wish, response: { 202: batchSchema, ...problem } },
    },
    async (request, reply) =>
      answerOnce(
        context,
        { request, reply },
        {
          prefix: 'bat',
          work: async (id) => {
            const body = await createBatch(context, { id, tenant: request.caller.tenant, jobs: request.body.jobs });
            return { status: 202, headers: { location: `/v1/batches/${id}` }, body };
          },
        },
      ),
  );

  app.get('/v1/batches/:id', { schema: { params: idParams, response: { 200: batchSchema, ...problem } } }, async (request) => {
    const { tenant } = request.caller;
    return batches.view(tenant, need(await batches.get(tenant, request.params.id), 'batch'));
  });

  app.post(
    '/v1/batches/:id/cancel',
    { schema: { params: idParams, response: { 202: batchSchema, ...problem } } },
    async (request, reply) => {
      const { tenant } = request.caller;
      const batch = need(await batches.get(tenant, request.params.id), 'batch');
      for (const { job_id } of batch.members) if (job_id) await engine.jobs.cancel(tenant, job_id);
      return reply.code(202).send(await batches.view(tenant, batch));
    },
  );
}
