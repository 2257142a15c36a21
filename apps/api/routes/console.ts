import { createHash } from 'node:crypto';
import helmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import { readConsole } from '../console-files.ts';
import type { Api, ApiContext } from '../context.ts';
import { matchesEtag } from '../ranges.ts';

const path = '/console/';
const self = ["'self'"];
/** Scripts and styles from here and from nowhere else, none of them inline; footage fetched with a key is shown from memory. */
const policy = {
  'default-src': ["'none'"],
  'script-src': self,
  'style-src': self,
  'connect-src': self,
  'img-src': [...self, 'blob:'],
  'media-src': [...self, 'blob:'],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

/** The web console: files that talk to this API as any caller does. They hold no secret, so they need no key. */
export function registerConsole(app: Api, { consoleDir }: ApiContext): void {
  if (!consoleDir) return;
  const { build, page } = readConsole(consoleDir);
  const etag = `"${createHash('sha256').update(page).digest('hex')}"`;
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, open: true };
      route.schema = { ...route.schema, hide: true };
    });
    await scope.register(helmet, { contentSecurityPolicy: { useDefaults: false, directives: policy } });
    await scope.register(fastifyStatic, {
      root: consoleDir,
      prefix: `${path}${build}/`,
      index: false,
      decorateReply: false,
      allowedPath: (name) => name !== '/index.html',
      maxAge: '365d',
      immutable: true,
    });
    scope.get('/console', (_request, reply) => reply.redirect('console/', 308));
    scope.get(path, (request, reply) => {
      reply.headers({ etag, 'cache-control': 'no-cache' });
      if (matchesEtag(request.headers['if-none-match'], etag)) return reply.code(304).send();
      return reply.type('text/html; charset=utf-8').serializer(String).send(page);
    });
  });
}
