import { z } from 'zod';
import { overlaySchema } from './overlays.ts';
import { captionFormats } from './request.ts';

const frame = z.number().int().min(0);
/** Half-open [start_frame, end_frame) on the frame grid of the working source. */
export const frameRangeSchema = z.strictObject({ start_frame: frame, end_frame: frame });

export const cutSchema = frameRangeSchema.extend({
  reason: z.enum(['silence', 'filler', 'repeat', 'beat', 'manual']),
  text: z.string().max(500).optional(),
  /** Why it was left to a reviewer. */
  note: z.string().max(200).optional(),
  confidence: z.number().min(0).max(1),
});

/**
 * One stand or move of the camera that cuts the delivered shape out of a wider picture. `track` shows the part whose middle
 * lies `x` of the picture's width from its left edge, moving smoothly from `from_x` to `to_x`; `general` shows the whole
 * picture before a blurred copy of itself. Before the first and after the last of a list the camera stands as it does there.
 */
export const cameraSpanSchema = frameRangeSchema.extend({
  layout: z.enum(['track', 'general']),
  from_x: z.number().min(0).max(1),
  to_x: z.number().min(0).max(1),
});

export const clipScoreSchema = z.strictObject({
  hook: z.number().min(0).max(25),
  engagement: z.number().min(0).max(25),
  value: z.number().min(0).max(25),
  shareability: z.number().min(0).max(25),
});

/** How a thumbnail's headline stands on its frame; without a headline the frame is shown as it is. */
export const thumbnailLayouts = ['full', 'panel', 'split'] as const;

export const planWordSchema = z.strictObject({ text: z.string().max(200), start_s: z.number().min(0), end_s: z.number().min(0) });

/** The edit as a person can read and change it (`plan.json`). Everything after `direct` reads this and nothing else. */
export const editPlanSchema = z
  .strictObject({
    version: z.literal(1),
    revision: z.number().int().min(1),
    by: z.string().max(100),
    source: z.strictObject({
      sha256: z.string(),
      duration_s: z.number(),
      frames: frame,
      fps: z.string().regex(/^\d+\/\d+$/),
      width: z.number().int(),
      height: z.number().int(),
    }),
    keep: z.array(frameRangeSchema).min(1).max(50_000),
    cuts: z.array(cutSchema).max(50_000),
    uncertain: z.array(cutSchema).max(50_000),
    /** Sorted and disjoint. */
    overlays: z.array(overlaySchema).max(2_000),
    captions: z.strictObject({
      burn: z.boolean(),
      formats: z.array(z.enum(captionFormats)),
      /** In output time. */
      words: z.array(planWordSchema).max(200_000),
    }),
    /** Best first. Source frames like everything here: a clip shows what is kept between them, in the order of the output. */
    clips: z
      .array(frameRangeSchema.extend({ title: z.string().max(200), score: clipScoreSchema, reframe: z.array(cameraSpanSchema).max(5_000) }))
      .max(50),
    /** The camera over the whole edit, when `output.aspect` asks for another shape. */
    reframe: z.array(cameraSpanSchema).max(50_000).optional(),
    thumbnails: z.array(z.strictObject({ frame, headline: z.string().max(200), impact: z.number(), layout: z.enum(thumbnailLayouts) })),
    audio: z.strictObject({
      denoise: z.strictObject({
        method: z.enum(['none', 'highpass', 'profile', 'rnnoise']),
        wet: z.number().min(0).max(1),
        estimated_snr_db: z.number().nullable(),
      }),
      target_lufs: z.number().nullable(),
      gain_db: z.number().nullable(),
    }),
    beats: z.strictObject({ bpm: z.number(), times_s: z.array(z.number()) }).nullable(),
  })
  .meta({ id: 'EditPlan' });

export type EditPlan = z.infer<typeof editPlanSchema>;
export type FrameRange = z.infer<typeof frameRangeSchema>;
export type Cut = z.infer<typeof cutSchema>;
export type PlanWord = z.infer<typeof planWordSchema>;
export type CameraSpan = z.infer<typeof cameraSpanSchema>;
export type PlannedClip = EditPlan['clips'][number];
export type ThumbnailLayout = (typeof thumbnailLayouts)[number];
export type ClipScore = z.infer<typeof clipScoreSchema>;
