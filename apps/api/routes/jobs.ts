import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { jobStatuses, jobViewSchema, terminalStatuses } from '#contracts/job';
import { pipeline, type StageName } from '#contracts/pipeline';
import { jobRequestSchema } from '#contracts/request';
import { type Api, type ApiContext, answerOnce, callerGone, need } from '../context.ts';
import { previewJob } from '../dry-run.ts';
import { ingest } from '../ingest.ts';
import { prepareJob } from '../prepare-job.ts';
import { discard } from '../receive-upload.ts';
import { dryRunSchema, idParams, pageOf, pageQuery, problem } from '../schemas.ts';
import { receiveUploads, withUploadedInput } from '../upload-hook.ts';

const creation = z.strictObject({ dry_run: z.enum(['true', 'false']).optional() });
const filter = pageQuery.extend({
  status: z.enum(jobStatuses).optional(),
  external_id: z.string().min(1).max(255).optional(),
  batch_id: z.string().max(64).optional(),
});
const freshStages = z.strictObject({
  fresh: z
    .array(z.enum(Object.keys(pipeline) as [StageName, ...StageName[]]))
    .max(30)
    .optional(),
});
/** Transcripts travel in the request. */
const bodyLimit = 8 * 1_048_576;

/** Jobs: created, looked at, cancelled, retried, approved. */
export function registerJobs(app: Api, context: ApiContext): void {
  const { engine, admission } = context;
  const viewOf = async (tenant: string, id: string) => need(await engine.jobs.view(tenant, id), 'job');

  app.post(
    '/v1/jobs',
    {
      bodyLimit,
      config: { upload: true, creates: true },
      onRequest: async () => {
        const refusal = admission();
        if (refusal) throw refusal;
      },
      preValidation: receiveUploads(context, withUploadedInput),
      schema: { querystring: creation, body: jobRequestSchema, response: { 200: dryRunSchema, 202: jobViewSchema, ...problem } },
    },
    async (request, reply) => {
      const { tenant } = request.caller;
      const { received } = request;
      const signal = callerGone(reply);
      if (request.query.dry_run === 'true')
        return reply.code(200).send(await previewJob(context, { tenant, request: request.body, received, signal }));
      const identity = received && { file: received.file.sha256, request: { ...request.body, input: null } };
      return answerOnce(
        context,
        { request, reply },
        {
          prefix: 'job',
          identity,
          work: async (id) => {
            if (received)
              await ingest(context, { id: received.assetId, tenant, file: received.file, signal }).finally(() => discard(received.file));
            const { job } = await prepareJob(context, { tenant, request: request.body, batchId: null });
            const view = await engine.jobs.create({ ...job, id });
            return { status: 202, headers: { location: `/v1/jobs/${id}` }, body: view };
          },
        },
      );
    },
  );

  app.get('/v1/jobs', { schema: { querystring: filter, response: { 200: pageOf(jobViewSchema), ...problem } } }, async (request) => {
    const { limit, cursor, ...by } = request.query;
    return engine.jobs.list(request.caller.tenant, by, { limit, cursor });
  });

  app.get('/v1/jobs/:id', { schema: { params: idParams, response: { 200: jobViewSchema, ...problem } } }, async (request) =>
    viewOf(request.caller.tenant, request.params.id),
  );

  const action = { schema: { params: idParams, response: { 202: jobViewSchema, ...problem } } };

  app.post('/v1/jobs/:id/cancel', action, async (request, reply) => {
    const { tenant } = request.caller;
    const { status } = await viewOf(tenant, request.params.id);
    // The engine lets a cancelled job be cancelled again; the contract tells the caller that it has ended.
    const outcome = terminalStatuses.includes(status) ? 'finished' : need(await engine.jobs.cancel(tenant, request.params.id), 'job');
    if (outcome === 'finished') throw new CutroomError('JOB_FINISHED', 'It ended before it could be cancelled.');
    return reply.code(202).send(await viewOf(tenant, request.params.id));
  });

  app.post('/v1/jobs/:id/retry', { schema: { ...action.schema, body: freshStages.optional() } }, async (request, reply) => {
    const { tenant } = request.caller;
    const outcome = need(await engine.jobs.retry(tenant, request.params.id, request.body?.fresh ?? []), 'job');
    if (outcome === 'not_retryable') throw new CutroomError('JOB_NOT_RETRYABLE', 'It has not failed and was not cancelled.');
    return reply.code(202).send(await viewOf(tenant, request.params.id));
  });

  app.post('/v1/jobs/:id/approve', action, async (request, reply) => {
    const { tenant } = request.caller;
    const outcome = need(await engine.jobs.approve(tenant, request.params.id), 'job');
    if (outcome === 'not_waiting')
      throw new CutroomError('JOB_NOT_READY', 'Only a job that awaits review can be approved: job.awaiting_review.');
    return reply.code(202).send(await viewOf(tenant, request.params.id));
  });
}
