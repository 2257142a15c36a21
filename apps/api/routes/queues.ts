import { z } from 'zod';
import { pools } from '#contracts/stage-declaration';
import { type Api, type ApiContext, need } from '../context.ts';
import { problem } from '../schemas.ts';

const count = z.number().int();
const queueSchema = z
  .object({
    name: z.enum(pools),
    paused: z.boolean(),
    jobs: z.object({ waiting: count, active: count, delayed: count, delayed_due: count }),
    oldest_wait_s: z.number(),
    backlog_media_s: z.number().nullable(),
    workers: count,
  })
  .meta({ id: 'Queue' });
const nameParams = z.strictObject({ name: z.string() });

/** How full the pools' queues are; an operator may hold one. What runs in it goes on. */
export function registerQueues(app: Api, { queues }: ApiContext): void {
  app.get('/v1/queues', { schema: { response: { 200: z.object({ data: z.array(queueSchema) }), ...problem } } }, async () => ({
    data: await queues.list(),
  }));

  for (const action of ['pause', 'resume'] as const) {
    app.post(
      `/v1/queues/:name/${action}`,
      { config: { scope: 'admin' }, schema: { params: nameParams, response: { 200: queueSchema, ...problem } } },
      async (request) => {
        const pool = need(
          pools.find((name) => name === request.params.name),
          'queue',
        );
        await queues[action](pool);
        return need(
          (await queues.list()).find(({ name }) => name === pool),
          'queue',
        );
      },
    );
  }
}
