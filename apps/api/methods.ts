import type { FastifyInstance } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { sendProblem } from './problems.ts';

/** Unknown route → 404 (a folder's route whose file is missing too), known route with another method → 405 that lists the right ones. Register before any route. */
export function answerUnknownRoutes(app: FastifyInstance): void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ pattern: toPattern(url), methods: [method].flat() });
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))].sort();
    if (allowed.length === 0 || allowed.includes(request.method))
      return sendProblem(new CutroomError('ROUTE_NOT_FOUND', 'No route has this path.'), request, reply);
    reply.header('allow', allowed.join(', '));
    return sendProblem(new CutroomError('METHOD_NOT_ALLOWED', `This route takes ${allowed.join(', ')}.`), request, reply);
  });
}

const toPattern = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
      .replace(/:[A-Za-z_]+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  );
