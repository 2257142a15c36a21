import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { jobEventSchema } from '#contracts/job';
import { type Api, type ApiContext, need } from '../context.ts';
import { idParams, pageOf, problem } from '../schemas.ts';
import { streamEvents } from '../sse.ts';

const position = z.strictObject({
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
});
const maxStreamsPerTenant = 200;

/** A job's history: as a list, or as it happens (server-sent events). */
export function registerEvents(app: Api, { engine, closing }: ApiContext): void {
  const open = new Map<string, number>();

  app.get(
    '/v1/jobs/:id/events',
    {
      schema: {
        params: idParams,
        querystring: position,
        response: {
          200: {
            description: 'The events so far; with Accept: text/event-stream the events as they happen, until the job ends.',
            content: { 'application/json': { schema: pageOf(jobEventSchema) }, 'text/event-stream': { schema: z.string() } },
          },
          ...problem,
        },
      },
    },
    async (request, reply) => {
      const { tenant } = request.caller;
      const { id } = request.params;
      const after = lastSeen(request.headers['last-event-id']) ?? request.query.after ?? null;
      if (!request.headers.accept?.includes('text/event-stream')) {
        const data = need(await engine.events.list(tenant, id, after), 'job');
        return reply.send({ data, next_cursor: null, has_more: false });
      }
      need(await engine.jobs.view(tenant, id), 'job');
      const count = open.get(tenant) ?? 0;
      if (count >= maxStreamsPerTenant)
        throw new CutroomError('RATE_LIMITED', `A tenant may have ${maxStreamsPerTenant} event streams open.`);
      open.set(tenant, count + 1);
      try {
        await streamEvents(reply, { follow: (signal) => engine.events.follow(tenant, id, after, signal), closing });
      } finally {
        open.set(tenant, (open.get(tenant) ?? 1) - 1);
      }
    },
  );
}

/** What a client sends back is our own event id; anything else means from the beginning. */
const lastSeen = (header: string | string[] | undefined): string | null =>
  typeof header === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(header) ? header : null;
