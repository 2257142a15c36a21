import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { Api } from './context.ts';

const binary = { type: 'string', format: 'binary', contentMediaType: 'application/octet-stream' } as const;

/** Bodies that zod does not describe because they never are one value in memory. */
const multipartBodies: Record<string, OpenAPIV3_1.MediaTypeObject> = {
  '/v1/assets': { schema: { type: 'object', properties: { file: binary }, required: ['file'] } },
  '/v1/jobs': {
    schema: {
      type: 'object',
      properties: { file: binary, request: { type: 'string', description: 'A JobRequest as JSON, without input' } },
      required: ['file'],
    },
  },
};

/** `/openapi.json` (3.1) and `/docs`, derived from the routes' zod schemas; nothing is loaded from elsewhere. */
export async function describeApi(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'cutroom',
        version,
        description: 'Footage in, edited video out. Creating POSTs take an Idempotency-Key header, kept for 24 hours.',
      },
      components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'ck_…; not needed on an open service' } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => addMultipart(jsonSchemaTransformObject(document) as OpenAPIV3_1.Document),
  });
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true };
      route.schema = { ...route.schema, hide: true };
    });
    await docs.register(helmet, { contentSecurityPolicy: { directives: { 'script-src': ["'self'"], 'upgrade-insecure-requests': null } } });
    await docs.register(swaggerUi, { routePrefix: '/docs' });
    let text: string | null = null;
    docs.get('/openapi.json', (_request, reply) => {
      text ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(text);
    });
  });
}

function addMultipart(document: OpenAPIV3_1.Document): OpenAPIV3_1.Document {
  for (const [path, media] of Object.entries(multipartBodies)) {
    const body = document.paths?.[path]?.post?.requestBody;
    if (body && 'content' in body) body.content['multipart/form-data'] = media;
  }
  return document;
}
