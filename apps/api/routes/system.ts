import { z } from 'zod';
import type { Api, ApiContext } from '../context.ts';
import { toMeasured } from '../measured.ts';
import { recommend } from '../recommendation.ts';
import { problem } from '../schemas.ts';
import { periods, toTrends } from '../trends.ts';

const range = z.strictObject({
  period: z.enum(Object.keys(periods) as [keyof typeof periods, ...(keyof typeof periods)[]]).default('day'),
  count: z.coerce.number().int().min(2).max(53).default(8).describe('How many periods, the newest one ending now'),
});
const speed = z.object({ mean: z.number(), p95: z.number() });
const trendsSchema = z
  .object({
    period: range.shape.period,
    periods: z.array(
      z.object({
        from: z.iso.datetime(),
        to: z.iso.datetime(),
        ended: z.number().int(),
        completed: z.number().int(),
        failed: z.number().int(),
        cancelled: z.number().int(),
        error_rate: z.number().nullable(),
        measured: z.number().int(),
        seconds_per_media_second: speed.nullable(),
      }),
    ),
    change: z.object({ ended: z.number().int(), error_rate: z.number().nullable(), seconds_per_media_second: z.number().nullable() }),
    regression: z.object({ found: z.boolean().nullable(), reason: z.string() }),
  })
  .meta({ id: 'Trends' });
const adviceOf = <T extends z.ZodType>(value: T) => z.object({ value, reason: z.string() });
const recommendationSchema = z
  .object({
    tier: adviceOf(z.enum(['small', 'medium', 'large'])),
    machine: z.object({
      cpus: z.number().int(),
      memory_total_bytes: z.number(),
      memory_available_bytes: z.number(),
      ffmpeg: z.string(),
      encoders: z.object({ software: z.array(z.string()), hardware: z.array(z.string()) }),
    }),
    measured: z.object({
      jobs: z.number().int(),
      modes: z.record(z.string(), speed.extend({ jobs: z.number().int() })),
      stages: z.array(z.object({ name: z.string(), jobs: z.number().int(), speed: z.number() })),
      machines: z.array(z.string()),
      trial: z.object({ fast: z.number(), balanced: z.number(), high_quality: z.number() }),
    }),
    advice: z.object({
      content_type: adviceOf(z.string()),
      mode: adviceOf(z.string()),
      quality: adviceOf(z.string()),
      render_concurrency: adviceOf(z.number().int()),
      prepare_concurrency: adviceOf(z.number().int()),
      hardware: adviceOf(z.enum(['auto', 'off'])),
    }),
  })
  .meta({ id: 'Recommendation' });
const sum = { calls: z.number().int(), usd: z.number() };
const spendingSchema = z
  .object({ data: z.array(z.object({ day: z.iso.date(), ...sum, jobs: z.array(z.object({ job_id: z.string(), ...sum })) })) })
  .meta({ id: 'Spending' });
const lastDays = z.strictObject({ days: z.coerce.number().int().min(1).max(31).default(7).describe('UTC days, today among them') });
/** What ran longer ago says little about the machine as it is. */
const recentMs = 7 * 86_400_000;

/** The service as a whole: figures of now, what the machine is good for, and how the caller's jobs went lately. */
export function registerSystem(app: Api, { engine, machine, speedTrial, spending, stats }: ApiContext): void {
  app.get('/v1/system/stats', { schema: { response: { 200: z.record(z.string(), z.unknown()), ...problem } } }, async () => stats());

  app.get('/v1/system/recommendation', { schema: { response: { 200: recommendationSchema, ...problem } } }, async ({ caller }) =>
    recommend(await machine(), {
      measured: toMeasured(await engine.history.ended(caller.tenant, Date.now() - recentMs)),
      trial: await speedTrial(),
    }),
  );

  app.get('/v1/system/spending', { schema: { querystring: lastDays, response: { 200: spendingSchema, ...problem } } }, async (request) => {
    const { days } = request.query;
    return { data: await spending(request.caller.tenant, { days, nowMs: Date.now() }) };
  });

  app.get('/v1/system/trends', { schema: { querystring: range, response: { 200: trendsSchema, ...problem } } }, async (request) => {
    const { period, count } = request.query;
    const nowMs = Date.now();
    return toTrends(await engine.history.ended(request.caller.tenant, nowMs - count * periods[period]), { period, count, nowMs });
  });
}
