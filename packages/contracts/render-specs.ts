import { z } from 'zod';
import { blobSchema, rational, videoFactsSchema, warningSchema } from './footage.ts';
import { drawingSchema } from './overlays.ts';
import { cameraSpanSchema, clipScoreSchema, frameRangeSchema } from './plan.ts';
import { codecs } from './request.ts';

export const encoderSchema = z.strictObject({
  name: z.string(),
  codec: z.enum(codecs),
  preset: z.string(),
  crf: z.number(),
  threads: z.number().int(),
  pix_fmt: z.string(),
  gop: z.number().int(),
  hardware: z.boolean(),
  /** What stands in for the hardware when it fails; absent where nothing is to stand in. */
  software: z.strictObject({ name: z.string(), preset: z.string(), crf: z.number() }).optional(),
});

/** How stored pictures become delivered pictures; pure data that `media/render/filters.ts` turns into a filter graph. */
export const pictureSchema = z.strictObject({
  deinterlace: z.boolean(),
  tone_map: z.boolean(),
  /** Colours that pictures to be mapped are taken for, where they do not name all of them. */
  assumed: z.strictObject({ space: z.string(), primaries: z.string() }).optional(),
  /** Delivered size, even, square pixels. */
  width: z.number().int(),
  height: z.number().int(),
  full_range: z.boolean(),
});

/**
 * A camera over a piece, on the piece's own frames and covering each once. A span is its part of a move that may have begun
 * before it and may end after it; `x` as in a plan's camera.
 */
const reframeSchema = z.strictObject({
  width: z.number().int(),
  height: z.number().int(),
  spans: z.array(cameraSpanSchema.extend({ move: z.strictObject({ start_frame: z.number().int(), end_frame: z.number().int() }) })).min(1),
});

/**
 * A run of frames of the source. An encoded one is decoded from the key frame at or before it; a copied one lets decoding
 * begin last at the start of its last closed group.
 */
export const smartSpanSchema = frameRangeSchema.extend({ how: z.enum(['copy', 'encode']), decode_from: z.number().int() });

/** What encoded pictures share with copied ones, so that one decoder takes both without a break. */
export const matchSchema = z.strictObject({
  encoder: z.enum(['libx264', 'libx265']),
  /** In the encoder's spelling. */
  profile: z.string(),
  pix_fmt: z.string(),
  /** How many pictures a decoder holds back to put them in order. */
  reorder_frames: z.number().int(),
  color: z.strictObject({ space: z.string(), transfer: z.string(), primaries: z.string() }),
  full_range: z.boolean(),
});

/** How a piece of a video in which pictures may be copied is made. */
export const smartSchema = z.strictObject({
  match: matchSchema,
  spans: z.array(smartSpanSchema),
  /** Added to the seek of a copy: ffmpeg goes this much further back in containers that index by decode time. */
  seek_bias_s: z.number(),
});

/** One independently rendered piece. Its JSON is its identity: nothing else decides its bytes. */
export const chunkSpecSchema = z.strictObject({
  source: blobSchema.pick({ key: true, sha256: true }),
  video: videoFactsSchema.pick({ index: true, fps: true, start_s: true, width: true, height: true, rotation: true }),
  /** Kept ranges on the source grid, sorted and disjoint; the piece shows exactly these frames. */
  keep: z.array(frameRangeSchema),
  frames: z.number().int(),
  /** Key frame at or before the first kept frame: decoding begins there. */
  decode_from: z.number().int(),
  picture: pictureSchema,
  encoder: encoderSchema,
  /** Caption words in the piece's own time, burnt in when present. */
  burn: z.array(z.strictObject({ text: z.string(), start_s: z.number(), end_s: z.number() })),
  /** Another shape cut out of the delivered picture. */
  reframe: reframeSchema.optional(),
  /** Cards over it, in the piece's own time, where they may begin and end outside; left out when there are none. */
  overlays: z
    .array(
      z.strictObject({
        drawing: drawingSchema,
        start_frame: z.number().int(),
        frames: z.number().int(),
        /** Share of the height above which they stay. */
        floor: z.number(),
        /** Of the pictures below them. */
        color_space: z.string(),
      }),
    )
    .optional(),
  /** Null: delivered pictures differ from stored ones, so every frame is encoded. */
  smart: smartSchema.nullable(),
  /** Build of the tool that makes the bytes. */
  tool: z.string(),
});

/** One piece of the preview, complete: its JSON is its identity. Its pictures are every `every`th frame of what it keeps. */
export const previewSpecSchema = z.strictObject({
  source: blobSchema.pick({ key: true, sha256: true }),
  video: videoFactsSchema.pick({ index: true, fps: true, start_s: true }),
  /** What is decoded in one go, each from its own key frame; what lies between is skipped. */
  runs: z.array(z.strictObject({ decode_from: z.number().int(), keep: z.array(frameRangeSchema), frames: z.number().int() })).min(1),
  /** Frames of the output that it stands for; its last picture may be shown for fewer than the others. */
  frames: z.number().int(),
  every: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  tone_map: z.boolean(),
  assumed: pictureSchema.shape.assumed,
  /** The whole picture's size, and the camera on the piece's pictures, where another shape is cut out of it. */
  reframe: reframeSchema.extend({ picture: z.strictObject({ width: z.number().int(), height: z.number().int() }) }).optional(),
  tool: z.string(),
});

/** One clip, complete: its JSON is its identity, as a piece's is. */
export const clipSpecSchema = z.strictObject({
  /** From 1, best first. */
  number: z.number().int(),
  title: z.string(),
  score: clipScoreSchema,
  /** What is said in it. */
  text: z.string(),
  /** In output time. */
  start_s: z.number(),
  end_s: z.number(),
  picture: chunkSpecSchema,
  /** A stretch of the finished track, in samples. */
  sound: z
    .strictObject({
      blob: blobSchema.pick({ key: true, sha256: true }),
      start: z.number().int(),
      samples: z.number().int(),
      rate: z.number().int(),
    })
    .nullable(),
});

export const timelineSchema = z.strictObject({
  fps: rational,
  frames: z.number().int(),
  width: z.number().int(),
  height: z.number().int(),
  encoder: encoderSchema,
  chunks: z.array(chunkSpecSchema).min(1),
  /** Why a piece copies nothing, one a piece; null where it copies something. */
  gates: z.array(z.string().nullable()),
  previews: z.array(previewSpecSchema).min(1),
  /** Clockwise turn that players are told of, because copied pictures are stored as they were. */
  rotation: z.number().int(),
  warnings: z.array(warningSchema),
});

/** Frames of the output and how they came about. */
export const madeSpanSchema = z.strictObject({
  frames: z.number().int(),
  how: z.enum(['copy', 'encode']),
  source_start_frame: z.number().int(),
});

export const chunkSchema = z.strictObject({
  blob: blobSchema,
  frames: z.number().int(),
  /** The streams that lie one behind the other in the blob, each beginning with a key frame. */
  parts: z.array(z.strictObject({ frames: z.number().int(), bytes: z.number().int() })),
  spans: z.array(madeSpanSchema),
  /** Why planned copies were given up for an encode of the whole piece. */
  uncopied: z.string().nullable(),
  /** Least SSIM of encoded pictures at one seam beside copied ones; null where none was looked at. */
  seam_ssim: z.number().nullable(),
  /** Why it was not made as specified. */
  fallback: z.string().optional(),
});

export type Timeline = z.infer<typeof timelineSchema>;
export type ChunkSpec = z.infer<typeof chunkSpecSchema>;
export type PreviewSpec = z.infer<typeof previewSpecSchema>;
export type ClipSpec = z.infer<typeof clipSpecSchema>;
export type Reframe = z.infer<typeof reframeSchema>;
export type Smart = z.infer<typeof smartSchema>;
export type SmartSpan = z.infer<typeof smartSpanSchema>;
export type Match = z.infer<typeof matchSchema>;
export type MadeSpan = z.infer<typeof madeSpanSchema>;
export type Encoder = z.infer<typeof encoderSchema>;
export type Picture = z.infer<typeof pictureSchema>;
