import multipart from '@fastify/multipart';
import Fastify, { LogController } from 'fastify';
import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import { createCalmLog } from '#runtime/log';
import { authenticate } from './auth.ts';
import { guardBodies } from './body-guard.ts';
import { answerBrokenRequest, refuseExpectation } from './broken-request.ts';
import type { Api, ApiContext } from './context.ts';
import type { ApiDeps } from './deps.ts';
import { createIdempotency } from './idempotency.ts';
import { addJsonBodies } from './json-body.ts';
import { createKeys } from './keys.ts';
import { answerUnknownRoutes } from './methods.ts';
import { describeApi } from './openapi.ts';
import { toInvalid } from './pointers.ts';
import { sendProblem } from './problems.ts';
import { createProfiles } from './profiles.ts';
import { limitCreations } from './rate-limit.ts';
import { createRequestLog } from './request-log.ts';
import { registerRoutes } from './routes.ts';
import { createSpending } from './spending.ts';
import { createTemplates } from './templates.ts';

/** The HTTP API as a value: build it, inject into it, close it. Nothing is opened here and nobody listens yet. */
export async function buildApp(deps: ApiDeps): Promise<Api> {
  const app = Fastify({
    loggerInstance: deps.log,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    childLoggerFactory: (logger, bindings) => createRequestLog(logger, bindings),
    genReqId: () => createId('req'),
    requestIdHeader: false,
    bodyLimit: 1_048_576,
    return503OnClosing: false,
    // Covers the whole body, so it is long; the body guard keeps the real pace.
    requestTimeout: 3_600_000,
    // A missing Host is refused by the hook below: Node's own refusal has no body.
    http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000, requireHostHeader: false },
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply.header('x-request-id', request.id)),
    clientErrorHandler: answerBrokenRequest,
  }) as unknown as Api;

  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());
  const context: ApiContext = {
    ...deps,
    keys: createKeys(deps.storage),
    profiles: createProfiles(deps.storage),
    templates: createTemplates(deps.storage),
    spending: createSpending(deps.storage),
    idempotency: createIdempotency(deps.storage),
    closing: closing.signal,
  };

  app.setValidatorCompiler(({ schema, httpPart }) => validate(schema as Schema, httpPart));
  app.setSerializerCompiler(() => JSON.stringify);
  app.setErrorHandler(sendProblem);
  app.server.on('checkExpectation', refuseExpectation);
  answerUnknownRoutes(app);
  addJsonBodies(app);
  app.decorateRequest('received', null);
  app.decorate('calmLog', createCalmLog(deps.log));
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff');
    if (request.headers.host === undefined) throw new CutroomError('REQUEST_INVALID', 'The Host header is missing.');
    if (closing.signal.aborted) throw new CutroomError('SHUTTING_DOWN', 'Connect again in a moment.');
  });
  app.addHook('onSend', async (_request, reply) => {
    if (closing.signal.aborted) reply.header('connection', 'close');
  });
  authenticate(app, context);
  guardBodies(app, deps.pace);
  observe(app, deps);
  await app.register(multipart, { throwFileSizeLimit: false });
  await limitCreations(app, { perMinute: deps.limits.createsPerMinute, redis: deps.redis });
  await describeApi(app, deps.version);
  registerRoutes(app, context);
  return app;
}

interface Schema {
  safeParse(data: unknown): { success: true; data: unknown } | { success: false; error: Parameters<typeof toInvalid>[0] };
}

function validate(schema: Schema, part = 'body') {
  return (data: unknown) => {
    const result = schema.safeParse(data ?? undefined); // Fastify says null where there is no body
    return result.success ? { value: result.data } : { error: toInvalid(result.error, part === 'querystring' ? 'query' : part) };
  };
}

function observe(app: Api, { metrics }: ApiDeps): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown';
    metrics.observeRequest({ method: request.method, route, status: reply.statusCode, seconds: reply.elapsedTime / 1000 });
  });
}
