import { z } from 'zod';
import { idSchema } from './ids.ts';
import { accentSchema, themeNames } from './overlays.ts';

const seconds = z.number().min(0).max(86_400);
const shortText = z.string().max(500);

export const wordSchema = z.strictObject({ text: z.string().min(1).max(200), start_s: seconds, end_s: seconds });

const transcriptSchema = z
  .union([
    z.strictObject({ srt: z.string().max(4_000_000) }),
    z.strictObject({ vtt: z.string().max(4_000_000) }),
    z.strictObject({ words: z.array(wordSchema).max(200_000) }),
  ])
  .describe('One of srt, vtt, words');

/** A feature is `false`, `true` (its defaults) or an object of options. */
const feature = <T extends z.ZodRawShape>(shape: T) => z.union([z.boolean(), z.strictObject(shape)]);

export const captionFormats = ['srt', 'vtt', 'ass'] as const;
export const interchangeFormats = ['otio', 'fcpxml', 'edl'] as const;

export const featuresSchema = z
  .strictObject({
    silence_removal: feature({
      min_silence_ms: z.number().int().min(150).max(10_000).optional(),
      pad_ms: z.number().int().min(0).max(1_000).optional(),
      max_pause_ms: z.number().int().min(0).max(10_000).optional(),
    }),
    filler_removal: feature({ language: z.enum(['en']).optional() }),
    audio_enhance: z.boolean(),
    loudness: feature({ target_lufs: z.number().min(-40).max(-6).optional() }),
    captions: feature({ burn: z.boolean().optional(), formats: z.array(z.enum(captionFormats)).max(3).optional() }),
    broll: feature({ theme: z.enum(themeNames).optional(), accent: accentSchema.optional() }),
    beat_sync: z.boolean(),
    thumbnails: feature({ count: z.number().int().min(1).max(12).optional() }),
    metadata: z.boolean(),
    clips: feature({
      count: z.union([z.literal('auto'), z.number().int().min(1).max(12)]).optional(),
      aspect: z.enum(['9:16', '1:1', '4:5', '16:9']).optional(),
    }),
    preview: z.boolean(),
    interchange: z.union([z.boolean(), z.array(z.enum(interchangeFormats)).max(3)]),
    smart_render: z.union([z.literal('auto'), z.boolean()]),
  })
  .partial();

export const contentTypes = ['educational', 'music', 'general', 'auto'] as const;
export const modes = ['fast', 'balanced', 'high_quality'] as const;
export const qualities = ['low', 'medium', 'high', 'ultra'] as const;
export const codecs = ['h264', 'hevc', 'av1', 'vp9'] as const;
export const priorities = ['low', 'normal', 'high'] as const;
export const webhookEvents = [
  'job.created',
  'job.started',
  'job.stage.completed',
  'job.progress',
  'job.preview_ready',
  'job.awaiting_review',
  'job.degraded',
  'job.completed',
  'job.failed',
  'job.cancelled',
  'batch.completed',
  'upload.completed',
] as const;
export type EventType = (typeof webhookEvents)[number];

export const outputSchema = z
  .strictObject({
    aspect: z.enum(['source', '16:9', '9:16', '1:1', '4:5']),
    max_height: z.number().int().min(64).max(4320),
    codec: z.enum(codecs),
    container: z.enum(['mp4']),
    hardware: z.enum(['auto', 'off', 'required']),
    dynamic_range: z
      .enum(['source', 'sdr'])
      .describe('source: HDR stays HDR where the codec carries it (hevc, av1) and nothing is drawn on it'),
  })
  .partial();

export const limitsSchema = z
  .strictObject({
    timeout_s: z.number().int().min(10).max(86_400),
    max_memory_mb: z.number().int().min(512).max(262_144),
    budget_usd: z
      .number()
      .min(0)
      .max(10_000)
      .describe('What all AI calls of the job may cost; left out = $2 for 15 minutes of footage, at least $0.50.'),
  })
  .partial();

/** The body of `POST /v1/jobs`. Everything but `input` has a default; unknown fields are refused with a pointer. */
export const jobRequestSchema = z
  .strictObject({
    input: z.union([z.strictObject({ asset_id: idSchema('ast') }), z.strictObject({ url: z.url().max(2_000) })]),
    transcript: transcriptSchema.optional(),
    content_type: z.enum(contentTypes).optional(),
    mode: z.enum(modes).optional(),
    quality: z.enum(qualities).optional(),
    profile: z.string().max(64).optional(),
    features: featuresSchema.optional(),
    output: outputSchema.optional(),
    limits: limitsSchema.optional(),
    on_ai_unavailable: z.enum(['fallback', 'wait', 'fail']).optional(),
    review: z.boolean().optional(),
    priority: z.enum(priorities).optional(),
    external_id: z.string().min(1).max(255).optional(),
    metadata: z
      .record(z.string().max(64), shortText)
      .refine((value) => Object.keys(value).length <= 50, 'at most 50 keys')
      .optional(),
    webhook: z.strictObject({ url: z.url().max(2_000), events: z.array(z.enum(webhookEvents)).min(1).max(20).optional() }).optional(),
  })
  .meta({ id: 'JobRequest' });

export type JobRequest = z.infer<typeof jobRequestSchema>;
export type Features = z.infer<typeof featuresSchema>;
export type Word = z.infer<typeof wordSchema>;
export type CaptionFormat = (typeof captionFormats)[number];
export type InterchangeFormat = (typeof interchangeFormats)[number];
export type Mode = (typeof modes)[number];
export type Codec = (typeof codecs)[number];
export type Quality = (typeof qualities)[number];
