import { z } from 'zod';
import { type Scope, scopes } from '../auth.ts';
import { type Api, type ApiContext, answerOnce, need } from '../context.ts';
import type { KeyRecord } from '../keys.ts';
import { idParams, nothing, problem } from '../schemas.ts';

const wish = z.strictObject({
  name: z.string().min(1).max(100),
  /** Whose data the key opens; a new name is a new tenant. */
  tenant: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and -')
    .default('local'),
  scopes: z
    .array(z.enum(scopes))
    .min(1)
    .default(['read', 'write'] as Scope[]),
});
const keySchema = z
  .object({
    id: z.string(),
    tenant: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    created_at: z.iso.datetime(),
    revoked_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Key' });

const config = { scope: 'admin' } as const;

/** Keys of all tenants, for the operator. A key is shown once, when it is made. */
export function registerKeys(app: Api, context: ApiContext): void {
  const { keys } = context;

  app.post(
    '/v1/keys',
    { config: { ...config, creates: true }, schema: { body: wish, response: { 201: keySchema.extend({ key: z.string() }), ...problem } } },
    async (request, reply) =>
      answerOnce(
        context,
        { request, reply },
        {
          prefix: 'key',
          work: async (id) => {
            const { record, key } = await keys.create({ id, ...request.body });
            return { status: 201, headers: { location: `/v1/keys/${id}` }, body: { ...toView(record), key } };
          },
        },
      ),
  );

  app.get('/v1/keys', { config, schema: { response: { 200: z.object({ data: z.array(keySchema) }), ...problem } } }, async () => ({
    data: (await keys.list()).map(toView),
  }));

  app.delete('/v1/keys/:id', { config, schema: { params: idParams, response: { 204: nothing, ...problem } } }, async (request, reply) => {
    need((await keys.revoke(request.params.id)) || null, 'key');
    return reply.code(204).send();
  });
}

const toView = ({ id, tenant, name, scopes, created_at, revoked_at }: KeyRecord) => ({ id, tenant, name, scopes, created_at, revoked_at });
