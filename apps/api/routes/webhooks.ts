import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { webhookEvents } from '#contracts/request';
import { type Api, type ApiContext, answerOnce, need } from '../context.ts';
import { idParams, nothing, pageOf, pageQuery, problem } from '../schemas.ts';

const url = z.url({ protocol: /^https?$/ }).max(2_000);
const events = z.array(z.enum(webhookEvents)).max(webhookEvents.length);
const description = z.string().max(500).nullable();
const wish = z.strictObject({
  url,
  events: events.default([]),
  description: description.default(null),
  enabled: z.boolean().default(true),
});
const change = z.strictObject({ url, events, description, enabled: z.boolean() }).partial();
const endpointSchema = z
  .object({
    id: z.string(),
    url: z.string(),
    events,
    description,
    enabled: z.boolean(),
    disabled_reason: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'WebhookEndpoint' });
const withSecret = endpointSchema.extend({ secret: z.string() });
const statuses = ['pending', 'delivered', 'failed'] as const;
const deliverySchema = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    url: z.string(),
    event_id: z.string(),
    event_type: z.string(),
    job_id: z.string().nullable(),
    status: z.enum(statuses),
    attempts: z.array(
      z.object({ at: z.iso.datetime(), status: z.number().int().nullable(), duration_ms: z.number(), error: z.string().nullable() }),
    ),
    next_attempt_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'WebhookDelivery' });
const deliveryFilter = pageQuery.extend({ endpoint_id: z.string().max(64).optional(), status: z.enum(statuses).optional() });

/** Standard Webhooks: where events go, with which secret, and what became of each. */
export function registerWebhooks(app: Api, context: ApiContext): void {
  const { endpoints, deliveries, defaultSecret } = context.webhooks;

  app.post(
    '/v1/webhook-endpoints',
    { config: { creates: true }, schema: { body: wish, response: { 201: withSecret, ...problem } } },
    async (request, reply) =>
      answerOnce(
        context,
        { request, reply },
        {
          prefix: 'whe',
          work: async (id) => {
            await checkUrl(request.body.url);
            const { endpoint, secret } = await endpoints.create(request.caller.tenant, id, request.body);
            return { status: 201, headers: { location: `/v1/webhook-endpoints/${id}` }, body: { ...endpoint, secret } };
          },
        },
      ),
  );

  app.get(
    '/v1/webhook-endpoints',
    { schema: { response: { 200: z.object({ data: z.array(endpointSchema) }), ...problem } } },
    async (request) => ({ data: await endpoints.list(request.caller.tenant) }),
  );

  app.get(
    '/v1/webhook-endpoints/default',
    { config: { scope: 'write' }, schema: { response: { 200: z.object({ id: z.literal('default'), secret: z.string() }), ...problem } } },
    async (request) => ({ id: 'default' as const, secret: await defaultSecret(request.caller.tenant) }),
  );

  app.get('/v1/webhook-endpoints/:id', { schema: { params: idParams, response: { 200: endpointSchema, ...problem } } }, async (request) =>
    need(await endpoints.get(request.caller.tenant, request.params.id), 'webhook endpoint'),
  );

  app.patch(
    '/v1/webhook-endpoints/:id',
    { schema: { params: idParams, body: change, response: { 200: endpointSchema, ...problem } } },
    async (request) => {
      if (request.body.url !== undefined) await checkUrl(request.body.url);
      const given = Object.fromEntries(Object.entries(request.body).filter(([, value]) => value !== undefined));
      return need(await endpoints.update(request.caller.tenant, request.params.id, given), 'webhook endpoint');
    },
  );

  app.delete(
    '/v1/webhook-endpoints/:id',
    { schema: { params: idParams, response: { 204: nothing, ...problem } } },
    async (request, reply) => {
      need((await endpoints.remove(request.caller.tenant, request.params.id)) || null, 'webhook endpoint');
      return reply.code(204).send();
    },
  );

  app.post(
    '/v1/webhook-endpoints/:id/rotate',
    { schema: { params: idParams, response: { 200: withSecret, ...problem } } },
    async (request) => {
      const { endpoint, secret } = need(await endpoints.rotate(request.caller.tenant, request.params.id), 'webhook endpoint');
      return { ...endpoint, secret };
    },
  );

  app.get(
    '/v1/webhook-deliveries',
    { schema: { querystring: deliveryFilter, response: { 200: pageOf(deliverySchema), ...problem } } },
    async (request) => {
      const { limit, cursor, ...filter } = request.query;
      return deliveries.list(request.caller.tenant, filter, { limit, cursor });
    },
  );

  app.post(
    '/v1/webhook-deliveries/:id/replay',
    { schema: { params: idParams, response: { 202: deliverySchema, ...problem } } },
    async (request, reply) =>
      reply.code(202).send(need(await deliveries.replay(request.caller.tenant, request.params.id), 'webhook delivery')),
  );

  async function checkUrl(address: string): Promise<void> {
    try {
      await context.checkUrl(address, 'webhook');
    } catch (error) {
      if (!(error instanceof CutroomError)) throw error;
      throw new CutroomError(error.code, { ...error.details, errors: [{ pointer: '/url', detail: error.message }] });
    }
  }
}
