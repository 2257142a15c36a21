import { z } from 'zod';
import { linkSignals } from '#runtime/linked-signal';
import { type Api, type ApiContext, callerGone } from '../context.ts';
import { problem } from '../schemas.ts';

const readinessSchema = z.object({
  ready: z.boolean(),
  checks: z.array(z.object({ name: z.string(), ready: z.boolean(), detail: z.string().optional() })),
});

/** Alive asks nobody else; ready asks Redis, the storage and the disk; metrics are for scrapers. */
export function registerHealth(app: Api, context: ApiContext): void {
  const { readiness, metrics, closing, serveMetrics } = context;

  app.get(
    '/healthz',
    { config: { open: true }, schema: { response: { 200: z.object({ status: z.literal('ok') }), ...problem } } },
    async () => ({
      status: 'ok' as const,
    }),
  );

  app.get(
    '/readyz',
    { config: { open: true }, schema: { response: { 200: readinessSchema, 503: readinessSchema, ...problem } } },
    async (_request, reply) => {
      const { signal, unlink } = linkSignals([callerGone(reply)], { timeoutMs: 2_000 });
      const checks = await readiness(signal).finally(unlink);
      const ready = !closing.aborted && checks.every((check) => check.ready);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );

  if (!serveMetrics) return;
  app.get('/metrics', { config: { open: true }, schema: { response: { 200: z.string(), ...problem } } }, async (_request, reply) => {
    const { contentType, text } = await metrics.render();
    return reply.type(contentType).serializer(String).send(text);
  });
}
