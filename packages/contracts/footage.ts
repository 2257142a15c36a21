import { z } from 'zod';

/** Bytes in storage, named by their own hash; `key` is the storage key. An artifact's JSON points at blobs, never holds media. */
export const blobSchema = z.strictObject({ key: z.string(), bytes: z.number().int(), sha256: z.string(), content_type: z.string() });

export const warningSchema = z.strictObject({ code: z.string(), stage: z.string(), message: z.string() });

export const rational = z.string().regex(/^\d+\/\d+$/);

/** One video stream on its own frame grid: frame f is shown at `start_s + f / fps` after the container's start. */
export const videoFactsSchema = z.strictObject({
  index: z.number().int(),
  codec: z.string(),
  profile: z.string(),
  pix_fmt: z.string(),
  bit_depth: z.number().int(),
  /** As stored, before rotation and sample aspect ratio. */
  width: z.number().int(),
  height: z.number().int(),
  /** As a person sees it: upright, square pixels. */
  display_width: z.number().int(),
  display_height: z.number().int(),
  /** Clockwise turn that makes the stored picture upright: 0, 90, 180, 270. */
  rotation: z.number().int(),
  sar: z.string(),
  fps: rational,
  frames: z.number().int(),
  cfr: z.boolean(),
  field_order: z.enum(['progressive', 'tff', 'bff']),
  full_range: z.boolean(),
  color: z.strictObject({ space: z.string(), transfer: z.string(), primaries: z.string() }),
  hdr: z.boolean(),
  has_b_frames: z.number().int(),
  time_base: rational,
  /** First frame, in seconds after the container's start. */
  start_s: z.number(),
  /** Frame numbers of key frames, and of those at which a copy cannot begin: pictures lead into the GOP before (open GOP), or no IDR. */
  keyframes: z.array(z.number().int()),
  open_gops: z.array(z.number().int()),
});

export const audioFactsSchema = z.strictObject({
  index: z.number().int(),
  codec: z.string(),
  sample_rate: z.number().int(),
  channels: z.number().int(),
  /** First sample, in seconds after the container's start. */
  start_s: z.number(),
});

export const factsSchema = z.strictObject({
  container: z.string(),
  duration_s: z.number(),
  /** The container's own start time; ffmpeg's seek times count from here. */
  container_start_s: z.number(),
  video: videoFactsSchema,
  audio: audioFactsSchema.nullable(),
  audio_tracks: z.number().int(),
  /** Why the working source must be an intermediate (`vfr`, `container`, …); empty = the upload itself is used. */
  normalize: z.array(z.string()),
  warnings: z.array(warningSchema),
});

/** What every later stage decodes pictures from: the upload, or a constant-rate closed-GOP intermediate of it. */
export const sourceSchema = z.strictObject({ blob: blobSchema, normalized: z.boolean(), video: videoFactsSchema });

export type Blob = z.infer<typeof blobSchema>;
export type Warning = z.infer<typeof warningSchema>;
export type VideoFacts = z.infer<typeof videoFactsSchema>;
export type AudioFacts = z.infer<typeof audioFactsSchema>;
export type Facts = z.infer<typeof factsSchema>;
