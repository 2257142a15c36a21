import { z } from 'zod';
import { conceptSchema } from './concepts.ts';
import { drawingSchema } from './overlays.ts';
import { cameraSpanSchema, clipScoreSchema, editPlanSchema, frameRangeSchema } from './plan.ts';
import { codecs, contentTypes } from './request.ts';
import { researchSchema } from './research.ts';

/** Bytes in storage, named by their own hash; `key` is the storage key. An artifact's JSON points at blobs, never holds media. */
export const blobSchema = z.strictObject({ key: z.string(), bytes: z.number().int(), sha256: z.string(), content_type: z.string() });
export const warningSchema = z.strictObject({ code: z.string(), stage: z.string(), message: z.string() });
const rational = z.string().regex(/^\d+\/\d+$/);
const rangeS = z.strictObject({ start_s: z.number(), end_s: z.number() });

export const outputKinds = [
  'video',
  'preview',
  'audio',
  'thumbnail',
  'captions',
  'clip',
  'metadata',
  'plan',
  'interchange',
  'report',
] as const;
export const outputFileSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(outputKinds),
  blob: blobSchema,
  media: z
    .strictObject({
      duration_s: z.number().optional(),
      width: z.number().int().optional(),
      height: z.number().int().optional(),
      fps: z.string().optional(),
      frames: z.number().int().optional(),
      codec: z.string().optional(),
      /** By a model, anew; left out otherwise. */
      drawn: z.boolean().optional(),
    })
    .optional(),
});

export const assetSchema = z.strictObject({ blob: blobSchema });

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

/** Times count from the first video frame. */
export const audioSignalsSchema = z.strictObject({
  present: z.boolean(),
  /** Speech runs after closing short gaps; everything else is pause. */
  speech: z.array(rangeS),
  /** Spans where level alone cannot tell speech from the rest (range under 8 dB): never cut. */
  undecided: z.array(rangeS),
  /** Little-endian int16, hundredths of dB, one value per 10 ms of the 150–4000 Hz band. */
  envelope: blobSchema.nullable(),
  loudness: z.strictObject({ integrated_lufs: z.number().nullable(), range_lu: z.number(), true_peak_dbtp: z.number().nullable() }),
  noise: z.strictObject({
    /** Blind: speech level over the quietest moments. */
    estimated_snr_db: z.number().nullable(),
    /** How much of the floor lies outside 100–7000 Hz. */
    rumble_db: z.number(),
    /** p90 − p10 of the level inside pauses: a steady hiss is near 2 dB. Null with less than a second of pause. */
    spread_db: z.number().nullable(),
  }),
  duration_s: z.number(),
});

export const scoredFrameSchema = z.strictObject({
  frame: z.number().int(),
  score: z.number(),
  sharp: z.number(),
  exposure: z.number(),
  contrast: z.number(),
  colour: z.number(),
  /** 64-bit difference hash, 16 hex digits. */
  dhash: z.string(),
});

export const videoSignalsSchema = z.strictObject({
  /** First frame of each scene but the first. */
  scenes: z.array(z.number().int()),
  candidates: z.array(scoredFrameSchema),
});

/** Where the picture's subject is, looked for on every `step`th source frame; frames without one are left out. */
export const subjectsSchema = z.strictObject({
  step: z.number().int(),
  /** Middle and width as shares of the picture's width. */
  samples: z.array(z.strictObject({ frame: z.number().int(), x: z.number(), width: z.number() })),
});

/** The pulse of the music, in seconds after the first video frame; null when none can be heard. */
export const beatsSchema = z.strictObject({
  bpm: z.number().nullable(),
  times_s: z.array(z.number()),
  /** Index of the first beat of a bar of four. */
  downbeat: z.number().int(),
  /** Onset strength at each beat, 0–1. */
  strengths: z.array(z.number()),
});

export const transcriptSchema = z.strictObject({
  origin: z.enum(['supplied', 'model', 'none']),
  /** In source time, counted from the first video frame. */
  words: z.array(z.strictObject({ text: z.string(), start_s: z.number(), end_s: z.number(), interpolated: z.boolean() })),
  warnings: z.array(warningSchema),
});

/** First and last index of words in the transcript. */
export const wordSpanSchema = z.strictObject({ first: z.number().int().min(0), last: z.number().int().min(0) });

/** What is behind the words; every entry was found again in the transcript, whoever said it. */
export const insightsSchema = z.strictObject({
  by: z.string(),
  content_type: z.enum(['educational', 'music', 'general']).nullable(),
  concepts: z.array(conceptSchema),
  /** Moments that move a listener. */
  peaks: z.array(wordSpanSchema.extend({ kind: z.enum(['insight', 'surprise', 'humour', 'emotion', 'question']) })),
  key_phrases: z.array(z.string()),
  /** Words without a meaning where they stand. */
  fillers: z.array(wordSpanSchema),
  /** Passages that could stand alone; the title is empty where none was said. */
  clips: z.array(wordSpanSchema.extend({ title: z.string().max(70), score: clipScoreSchema })),
  warnings: z.array(warningSchema),
});

/** What is to be seen, from somebody who looked at a few frames; empty where speech suffices or nobody looked. No number and no quote is in it. */
export const sightsSchema = z.strictObject({
  by: z.string(),
  title: z.string().max(70),
  description: z.string().max(1_000),
  tags: z.array(z.string().max(40)).max(10),
  seen: z.array(z.strictObject({ frame: z.number().int(), text: z.string().max(60) })).max(12),
});

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
  keep: z.array(frameRangeSchema),
  /** Frames of the output that it stands for; its last picture may be shown for fewer than the others. */
  frames: z.number().int(),
  every: z.number().int(),
  decode_from: z.number().int(),
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

export const audioTrackSchema = z.strictObject({
  /** AAC in MP4; null when the source has no sound. */
  blob: blobSchema.nullable(),
  samples: z.number().int(),
  sample_rate: z.number().int(),
  before_lufs: z.number().nullable(),
  after_lufs: z.number().nullable(),
  true_peak_dbtp: z.number().nullable(),
  gain_db: z.number(),
  denoise: z.strictObject({ method: z.string(), estimated_snr_db: z.number().nullable(), wet: z.number() }),
  outputs: z.array(outputFileSchema),
  warnings: z.array(warningSchema),
});

export const videoSchema = z.strictObject({
  frames: z.number().int(),
  duration_s: z.number(),
  /** |audio − video| at the worst cut and at the end, in milliseconds. */
  drift_ms: z.strictObject({ max: z.number(), end: z.number() }),
  ssim: z.strictObject({ mean: z.number(), min: z.number(), samples: z.number().int(), seams_min: z.number().nullable() }).nullable(),
  /** Null where this ffmpeg has no filter for it. */
  vmaf: z.strictObject({ mean: z.number(), min: z.number(), samples: z.number().int() }).nullable(),
  spans: z.array(madeSpanSchema),
  /** SSIM at a seam of each piece that has one. */
  seams: z.array(z.strictObject({ chunk: z.number().int(), ssim: z.number() })),
  /** Pieces of which nothing was copied, or that were not made as specified, and why. */
  fallbacks: z.array(z.strictObject({ chunk: z.number().int(), reason: z.string() })),
  outputs: z.array(outputFileSchema),
  warnings: z.array(warningSchema),
});

const filesSchema = z.strictObject({ outputs: z.array(outputFileSchema), warnings: z.array(warningSchema) });

export const resultSchema = z.strictObject({
  outputs: z.array(outputFileSchema),
  content_type: z.strictObject({ value: z.enum(contentTypes), evidence: z.string() }),
  /** The parts of the report that do not depend on who ran what when. */
  render: z.record(z.string(), z.unknown()),
  quality: z.record(z.string(), z.unknown()),
  /** Who knew the world around the video, and what; left out where nobody was asked. */
  research: researchSchema.optional(),
  warnings: z.array(warningSchema),
});

/** Noun → schema of the JSON filed under it. A changed shape means a new stage version, never a silent reinterpretation. */
export const artifactSchemas = {
  asset: assetSchema,
  facts: factsSchema,
  source: sourceSchema,
  audio_signals: audioSignalsSchema,
  video_signals: videoSignalsSchema,
  transcript: transcriptSchema,
  research: researchSchema,
  insights: insightsSchema,
  sights: sightsSchema,
  subjects: subjectsSchema,
  beats: beatsSchema,
  plan: editPlanSchema,
  timeline: timelineSchema,
  audio: audioTrackSchema,
  chunk: chunkSchema,
  preview_piece: z.strictObject({ blob: blobSchema }),
  preview: filesSchema,
  video: videoSchema,
  thumbnails: filesSchema,
  captions: filesSchema,
  metadata: filesSchema,
  interchange: filesSchema,
  clip_list: z.strictObject({ clips: z.array(clipSpecSchema) }),
  clip: filesSchema,
  result: resultSchema,
} as const;

export type Noun = keyof typeof artifactSchemas;
export type Artifacts = { [N in Noun]: z.infer<(typeof artifactSchemas)[N]> };
export type Blob = z.infer<typeof blobSchema>;
export type OutputFile = z.infer<typeof outputFileSchema>;
export type Warning = z.infer<typeof warningSchema>;
export type VideoFacts = z.infer<typeof videoFactsSchema>;
export type AudioFacts = z.infer<typeof audioFactsSchema>;
export type Facts = Artifacts['facts'];
export type AudioSignals = Artifacts['audio_signals'];
export type VideoSignals = Artifacts['video_signals'];
export type Transcript = Artifacts['transcript'];
export type Insights = Artifacts['insights'];
export type Sights = Artifacts['sights'];
export type WordSpan = z.infer<typeof wordSpanSchema>;
export type Timeline = Artifacts['timeline'];
export type ChunkSpec = z.infer<typeof chunkSpecSchema>;
export type Subjects = Artifacts['subjects'];
export type Beats = Artifacts['beats'];
export type PreviewSpec = z.infer<typeof previewSpecSchema>;
export type ClipSpec = z.infer<typeof clipSpecSchema>;
export type Reframe = z.infer<typeof reframeSchema>;
export type Smart = z.infer<typeof smartSchema>;
export type SmartSpan = z.infer<typeof smartSpanSchema>;
export type Match = z.infer<typeof matchSchema>;
export type MadeSpan = z.infer<typeof madeSpanSchema>;
export type Encoder = z.infer<typeof encoderSchema>;
export type Picture = z.infer<typeof pictureSchema>;
export type ScoredFrame = z.infer<typeof scoredFrameSchema>;
export type RangeS = z.infer<typeof rangeS>;
