import { z } from 'zod';
import { CutroomError } from '#contracts/errors';
import { jobRequestSchema } from '#contracts/request';
import { type Api, type ApiContext, need } from '../context.ts';
import { profileName } from '../profiles.ts';
import { nothing, problem } from '../schemas.ts';

const fields = jobRequestSchema.pick({ mode: true, quality: true, features: true, output: true, limits: true, priority: true });
const profileSchema = z.object({ name: z.string(), built_in: z.boolean(), settings: fields }).meta({ id: 'Profile' });
const nameParams = z.strictObject({ name: z.string() });
const newNameParams = z.strictObject({ name: z.string().regex(profileName, 'expected lower-case letters, digits, - and _') });

/** Named settings that a job starts from; explicit fields of the job win. */
export function registerProfiles(app: Api, { profiles }: ApiContext): void {
  app.get('/v1/profiles', { schema: { response: { 200: z.object({ data: z.array(profileSchema) }), ...problem } } }, async (request) => ({
    data: await profiles.list(request.caller.tenant),
  }));

  app.put(
    '/v1/profiles/:name',
    { schema: { params: newNameParams, body: fields, response: { 200: profileSchema, ...problem } } },
    async (request) => {
      refuseBuiltIn(request.params.name);
      return profiles.put(request.caller.tenant, request.params.name, request.body);
    },
  );

  app.delete('/v1/profiles/:name', { schema: { params: nameParams, response: { 204: nothing, ...problem } } }, async (request, reply) => {
    refuseBuiltIn(request.params.name);
    need((await profiles.remove(request.caller.tenant, request.params.name)) || null, 'profile');
    return reply.code(204).send();
  });

  function refuseBuiltIn(name: string): void {
    if (profiles.isBuiltIn(name)) throw new CutroomError('PROFILE_BUILT_IN', `${name} is built in.`);
  }
}
