import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';
import { CutroomError } from '#contracts/errors';
import type { Api, ApiContext } from '../context.ts';

const path = '/admin/queues';
type QueueHandle = ConstructorParameters<typeof BullMQAdapter>[0];

/** Bull Board for operators: looks, never touches. Browsers bring the admin key as the password of Basic. */
export function registerBoard(app: Api, { queues }: ApiContext): void {
  app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'admin', browser: true };
      route.schema = { ...route.schema, hide: true };
    });
    scope.addHook('onRequest', async ({ method }) => {
      if (method !== 'GET' && method !== 'HEAD') throw new CutroomError('METHOD_NOT_ALLOWED', 'The board is for looking only.');
    });
    await scope.register(helmet, {
      contentSecurityPolicy: { directives: { 'script-src': ["'self'"], 'upgrade-insecure-requests': null } },
    });
    const adapter = new FastifyAdapter();
    createBullBoard({
      queues: queues.handles().map((queue) => new BullMQAdapter(queue as QueueHandle, { readOnlyMode: true })),
      serverAdapter: adapter.setBasePath(path),
      options: { uiConfig: { boardTitle: 'cutroom', hideRedisDetails: true } },
    });
    await scope.register((board, options, done) => adapter.registerPlugin()(withOurErrors(board), options, done), { prefix: path });
  });
}

/** The board would answer errors in its own way, the refusal of a key among them. */
const withOurErrors = (board: FastifyInstance): FastifyInstance =>
  new Proxy(board, { get: (target, name) => (name === 'setErrorHandler' ? () => target : Reflect.get(target, name)) });
