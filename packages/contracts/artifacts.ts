import { z } from 'zod';
import { conceptSchema } from './concepts.ts';
import { blobSchema, factsSchema, sourceSchema, warningSchema } from './footage.ts';
import { clipScoreSchema, editPlanSchema } from './plan.ts';
import { chunkSchema, clipSpecSchema, madeSpanSchema, timelineSchema } from './render-specs.ts';
import { contentTypes } from './request.ts';
import { researchSchema } from './research.ts';

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
export type OutputFile = z.infer<typeof outputFileSchema>;
export type AudioSignals = Artifacts['audio_signals'];
export type VideoSignals = Artifacts['video_signals'];
export type Transcript = Artifacts['transcript'];
export type Insights = Artifacts['insights'];
export type Sights = Artifacts['sights'];
export type WordSpan = z.infer<typeof wordSpanSchema>;
export type Subjects = Artifacts['subjects'];
export type Beats = Artifacts['beats'];
export type ScoredFrame = z.infer<typeof scoredFrameSchema>;
export type RangeS = z.infer<typeof rangeS>;
