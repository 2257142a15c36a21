import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { jobViewSchema } from '#contracts/job';
import { type EditPlan, editPlanSchema } from '#contracts/plan';
import { checkKeep, checkPlan } from '#director/check-plan';
import { settlePlan } from '#director/settle-plan';
import { type Api, type ApiContext, need } from '../context.ts';
import { idParams, problem } from '../schemas.ts';

const open = z.record(z.string(), z.unknown());
/** 200,000 caption words fit. */
const bodyLimit = 16 * 1_048_576;

/** The edit plan as a person reads and changes it, and what was measured and logged on the way. */
export function registerPlan(app: Api, { engine }: ApiContext): void {
  app.get('/v1/jobs/:id/plan', { schema: { params: idParams, response: { 200: editPlanSchema, ...problem } } }, async (request, reply) => {
    const found = need(await engine.jobs.plan(request.caller.tenant, request.params.id), 'job');
    if (found === 'not_ready') throw notYet('job.stage.completed of direct');
    return reply.header('etag', `"${found.etag}"`).send(found.plan);
  });

  app.put(
    '/v1/jobs/:id/plan',
    { bodyLimit, schema: { params: idParams, body: editPlanSchema, response: { 202: jobViewSchema, ...problem } } },
    async (request, reply) => {
      const { tenant } = request.caller;
      const { id } = request.params;
      const etag = parseIfMatch(request.headers['if-match']);
      const before = need(await engine.jobs.plan(tenant, id), 'job');
      const settled = before === 'not_ready' || before.etag !== etag ? request.body : settle(request.body, before.plan);
      const outcome = need(await engine.jobs.revise(tenant, id, settled, etag), 'job');
      if (outcome === 'not_ready') throw notYet('job.awaiting_review, or the end of the job');
      if (outcome === 'conflict') throw new CutroomError('REVISION_CONFLICT', 'If-Match does not name the plan as it is now.');
      return reply.code(202).send(need(await engine.jobs.view(tenant, id), 'job'));
    },
  );

  app.get('/v1/jobs/:id/report', { schema: { params: idParams, response: { 200: open, ...problem } } }, async (request) => {
    const report = need(await engine.jobs.report(request.caller.tenant, request.params.id), 'job');
    if (report === 'not_ready') throw notYet('job.completed');
    return report as Record<string, unknown>;
  });

  app.get(
    '/v1/jobs/:id/logs',
    { schema: { params: idParams, response: { 200: z.object({ data: z.array(open) }), ...problem } } },
    async (request) => ({ data: need(await engine.jobs.logs(request.caller.tenant, request.params.id), 'job') }),
  );
}

/** What a person sends is made whole and then held to the same rules as every plan. */
function settle(given: EditPlan, before: EditPlan): EditPlan {
  const early = [...checkKeep(given), ...checkSource(given, before)];
  const settled = early.length > 0 ? given : settlePlan(given, before);
  const problems = early.length > 0 ? early : checkPlan(settled);
  const [first] = problems;
  if (first === undefined) return settled;
  const detail = `The plan is not valid at ${first.pointer}: ${first.detail}.`;
  throw new CutroomError('REQUEST_INVALID', { detail, errors: problems.slice(0, 50) });
}

const checkSource = (given: EditPlan, before: EditPlan) =>
  isDeepStrictEqual(given.source, before.source) ? [] : [{ pointer: '/source', detail: 'a plan keeps the source of its job' }];

const notYet = (event: string) => new CutroomError('JOB_NOT_READY', `Wait for ${event}.`);

function parseIfMatch(header: string | undefined): string {
  if (header === undefined) throw new CutroomError('PRECONDITION_REQUIRED', 'The If-Match header is missing.');
  return header
    .trim()
    .replace(/^W\//, '')
    .replace(/^"(.*)"$/, '$1');
}
