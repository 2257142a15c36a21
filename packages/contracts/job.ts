import { z } from 'zod';
import { outputFileSchema } from './artifacts.ts';
import { warningSchema } from './footage.ts';
import { idSchema } from './ids.ts';
import { jobRequestSchema } from './request.ts';

const time = z.iso.datetime();
export const jobStatuses = ['queued', 'processing', 'awaiting_review', 'completed', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];
export const terminalStatuses: readonly JobStatus[] = ['completed', 'failed', 'cancelled'];

export const mediaSchema = z.object({
  duration_s: z.number(),
  container: z.string(),
  video: z
    .object({
      codec: z.string(),
      width: z.number(),
      height: z.number(),
      fps: z.string(),
      rotation: z.number(),
      pix_fmt: z.string(),
      hdr: z.boolean(),
      interlaced: z.boolean(),
    })
    .nullable(),
  audio: z.object({ codec: z.string(), sample_rate: z.number(), channels: z.number(), tracks: z.number() }).nullable(),
});

export const assetViewSchema = z
  .object({
    id: idSchema('ast'),
    name: z.string(),
    bytes: z.number(),
    sha256: z.string(),
    media: mediaSchema,
    created_at: time,
    expires_at: time.nullable(),
  })
  .meta({ id: 'Asset' });

export const stageViewSchema = z.object({
  name: z.string(),
  pool: z.string(),
  status: z.enum(['pending', 'queued', 'running', 'done', 'failed', 'skipped']),
  progress: z.number().int(),
  attempts: z.number().int(),
  cached: z.boolean(),
  started_at: time.nullable(),
  finished_at: time.nullable(),
  duration_ms: z.number().nullable(),
});

export const jobErrorSchema = z.object({
  code: z.string(),
  stage: z.string().nullable(),
  message: z.string(),
  hint: z.string(),
  retryable: z.boolean(),
  attempts: z.number().int(),
  tool: z.object({ exit_code: z.number().nullable(), stderr_tail: z.string() }).nullable(),
});

export const outputViewSchema = z
  .object({
    name: z.string(),
    kind: z.string(),
    bytes: z.number(),
    sha256: z.string(),
    content_type: z.string(),
    media: outputFileSchema.shape.media,
    url: z.string(),
    expires_at: time.nullable(),
  })
  .meta({ id: 'Output' });

export const usageSchema = z.object({
  cpu_s: z.number(),
  wall_s: z.number(),
  peak_memory_mb: z.number(),
  bytes_in: z.number(),
  bytes_out: z.number(),
  ai: z.object({ calls: z.number(), tokens_in: z.number(), tokens_out: z.number(), usd: z.number() }),
});

export const jobViewSchema = z
  .object({
    id: idSchema('job'),
    status: z.enum(jobStatuses),
    stage: z.string().nullable(),
    progress: z.number().int().min(0).max(100),
    stages: z.array(stageViewSchema),
    queue: z.object({ position: z.number().int().nullable(), eta_s: z.number().nullable() }),
    revision: z.number().int(),
    degraded: z.boolean(),
    warnings: z.array(warningSchema),
    error: jobErrorSchema.nullable(),
    outputs: z.array(outputViewSchema),
    usage: usageSchema,
    request: jobRequestSchema,
    batch_id: z.string().nullable(),
    external_id: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    created_at: time,
    queued_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    expires_at: time.nullable(),
  })
  .meta({ id: 'Job' });

export type AssetView = z.infer<typeof assetViewSchema>;
export type Media = z.infer<typeof mediaSchema>;
export type JobView = z.infer<typeof jobViewSchema>;
export type JobError = z.infer<typeof jobErrorSchema>;
export type StageView = z.infer<typeof stageViewSchema>;
export type Usage = z.infer<typeof usageSchema>;

/** One line of a job's history; `id` is what SSE clients send back as Last-Event-ID. */
export const jobEventSchema = z
  .object({ id: z.string(), type: z.string(), timestamp: time, data: z.record(z.string(), z.unknown()) })
  .meta({ id: 'JobEvent' });
export type JobEvent = z.infer<typeof jobEventSchema>;
