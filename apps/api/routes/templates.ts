import { z } from 'zod';
import type { OutputFile } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import { thumbnailLayouts } from '#contracts/plan';
import { type TemplateChoice, toTemplateChoice } from '#director/thumbnail-templates';
import { type Api, type ApiContext, need } from '../context.ts';
import { idParams, problem } from '../schemas.ts';

const fileParams = idParams.extend({ name: z.string() });
const figures = z.object({
  content_type: z.string(),
  template: z.enum(thumbnailLayouts),
  chosen: z.number().int(),
  offered: z.number().int(),
});
const answer = z.object({
  content_type: z.string(),
  template: z
    .enum(thumbnailLayouts)
    .nullable()
    .describe('Null where the choice says nothing of a layout: no headline, drawn by a model, or nothing else to choose.'),
  counted: z.boolean().describe('False when it says nothing, or was told before.'),
});

/** Which thumbnail of a job was taken: what new jobs of the tenant learn their layouts from. */
export function registerTemplates(app: Api, { engine, templates }: ApiContext): void {
  app.get(
    '/v1/thumbnail-templates',
    { schema: { response: { 200: z.object({ data: z.array(figures) }), ...problem } } },
    async (request) => ({
      data: await templates.figures(request.caller.tenant),
    }),
  );

  app.post(
    '/v1/jobs/:id/outputs/:name/chosen',
    { schema: { params: fileParams, response: { 200: answer, ...problem } } },
    async (request) => {
      const { tenant } = request.caller;
      const { id, name } = request.params;
      const { choice, content_type } = await readChoice(tenant, id, name);
      const counted = choice !== null && (await templates.add(tenant, { job: id, name }, choice));
      return { content_type, template: choice?.chosen ?? null, counted };
    },
  );

  async function readChoice(tenant: string, id: string, name: string): Promise<{ choice: TemplateChoice | null; content_type: string }> {
    const outputs = need(await engine.jobs.outputs(tenant, id), 'job').filter(({ kind }) => kind === 'thumbnail');
    const index = outputs.findIndex((output) => output.name === name);
    need(outputs[index], 'thumbnail');
    const [report, found] = await Promise.all([engine.jobs.report(tenant, id), engine.jobs.plan(tenant, id)]);
    if (!report || report === 'not_ready' || !found || found === 'not_ready')
      throw new CutroomError('JOB_NOT_READY', 'Wait for job.completed.');
    const { value } = report['content_type'] as { value: TemplateChoice['content_type'] };
    const { thumbnails } = found.plan;
    return { choice: toTemplateChoice({ thumbnails, drawn: outputs.map(isDrawn), index, content_type: value }), content_type: value };
  }
}

const isDrawn = ({ media }: OutputFile): boolean => media?.drawn === true;
