import { join } from 'node:path';
import type { Artifacts } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { Warning } from '#contracts/footage';
import type { EditPlan } from '#contracts/plan';
import type { Timeline } from '#contracts/render-specs';
import type { Quality } from '#contracts/request';
import type { MediaTools } from '../ffmpeg.ts';
import { toPieceSpans } from '../reframe/piece.ts';
import { toFrames, toSeconds } from '../source/frame-time.ts';
import { buildJoinCommand } from './join.ts';
import { ssimFloors } from './ladder.ts';
import { placeOverlays } from './place-overlays.ts';
import { placePieces } from './place-pieces.ts';
import { type Compared, measureSimilarity, pickSeams, pickSpans, type SampleSpan, type Similarity, toSimilarity } from './similarity.ts';
import { type OutputFacts, toDriftMs, verifyOutput } from './verify-output.ts';
import { measureVmaf } from './vmaf.ts';

export interface AssembleInput {
  source: Artifacts['source'] & { path: string };
  plan: Pick<EditPlan, 'keep' | 'overlays' | 'captions' | 'reframe'>;
  timeline: Timeline;
  /** The pieces as local files, in the timeline's order. */
  pieces: readonly (Pick<Artifacts['chunk'], 'parts' | 'spans'> & { path: string })[];
  /** The finished sound, or null for a silent film. */
  audio: { path: string; samples: number; sampleRate: number } | null;
  tools: MediaTools;
}

export interface AssembledVideo extends OutputFacts {
  path: string;
  durationS: number;
  driftMs: { max: number; end: number };
  ssim: (Similarity & { seams_min: number | null }) | null;
  /** Of the same frames; null where this ffmpeg has no filter for it. */
  vmaf: Similarity | null;
}

const outputFile = 'video.mp4';

/** Below this the output does not show the planned pictures at all, whatever the encoder was told. */
const unlikeSsim = 0.6;

/** AAC fills its last block of 1024 samples; two of them at 44.1 kHz. */
const codecPaddingS = 0.05;

/**
 * Joins pieces and sound without encoding and proves the result: every packet counted and on the time grid, decode times
 * rising, sound as long as the picture, sampled spans alike to the source. What fails throws OUTPUT_INVALID.
 */
export async function assembleVideo(input: AssembleInput, options: { cwd: string; signal: AbortSignal }): Promise<AssembledVideo> {
  const { timeline, tools, audio } = input;
  const { fps, encoder, chunks } = timeline;
  if (input.pieces.length !== chunks.length) throw new CutroomError('OUTPUT_INVALID', 'Not every piece of the video is there.');
  await placePieces(input.pieces, { cwd: options.cwd, fps, codec: encoder.codec });
  const rotation = { clockwise: timeline.rotation, version: tools.capabilities.version };
  const audioPath = audio?.path ?? null;
  await tools.run(buildJoinCommand({ cwd: options.cwd, audioPath, fps, codec: encoder.codec, name: outputFile, rotation }), options);
  const path = join(options.cwd, outputFile);
  const facts = await verifyOutput({ path, promise: { ...timeline, hasAudio: audio !== null }, tools }, options);
  const driftMs = checkDrift(facts, input);
  const likeness = await compareWithSource({ input, path, facts }, options);
  return { ...facts, path, durationS: toSeconds(facts.frames, fps), driftMs, ...likeness };
}

/** What a caller should know when hardware did not do what it was chosen for. */
export function toFallbackWarnings(fallbacks: Artifacts['video']['fallbacks']): Warning[] {
  if (fallbacks.length === 0) return [];
  const message = `${fallbacks.length} pieces were encoded in software: ${fallbacks[0]!.reason}`;
  return [{ code: 'HARDWARE_FALLBACK', stage: 'assemble', message }];
}

/** What a caller should know about the picture's likeness to its source. */
export function toSimilarityWarnings(ssim: Similarity | null, quality: Quality): Warning[] {
  if (ssim === null || ssim.mean >= ssimFloors[quality]) return [];
  const message = `SSIM is ${ssim.mean.toFixed(3)} over ${ssim.samples} sampled frames; ${quality} aims at ${ssimFloors[quality]}.`;
  return [{ code: 'QUALITY_BELOW_AIM', stage: 'assemble', message }];
}

function checkDrift(facts: OutputFacts, { timeline, plan, audio }: AssembleInput): AssembledVideo['driftMs'] {
  if (audio === null || facts.audio === null) return { max: 0, end: 0 };
  const startOffsetS = facts.audio.startS - facts.video.startS;
  const drift = toDriftMs({ fps: timeline.fps, cuts: toCuts(plan.keep), frames: facts.frames, audio, startOffsetS });
  const writtenS = facts.audio.endS - facts.audio.startS;
  if (Math.abs(writtenS - audio.samples / audio.sampleRate) > codecPaddingS) {
    throw new CutroomError('OUTPUT_INVALID', `The sound track lasts ${writtenS.toFixed(3)} s, against ${audio.samples} samples.`);
  }
  const frameMs = toSeconds(1, timeline.fps) * 1000;
  if (drift.max > frameMs) throw new CutroomError('OUTPUT_INVALID', `Sound and picture part by ${drift.max.toFixed(1)} ms.`);
  return drift;
}

/** Output frames at which something was cut away. */
function toCuts(keep: EditPlan['keep']): number[] {
  let position = 0;
  return keep.map(({ start_frame, end_frame }) => {
    position += end_frame - start_frame;
    return position;
  });
}

async function compareWithSource(
  { input, path, facts }: { input: AssembleInput; path: string; facts: OutputFacts },
  options: { cwd: string; signal: AbortSignal },
): Promise<Pick<AssembledVideo, 'ssim' | 'vmaf'>> {
  const { source, plan, timeline, tools } = input;
  const { keyframes, ...video } = source.video;
  const cards = placeOverlays(plan, source.video.color.space);
  const covered = (frame: number) => cards.some((card) => card.start_frame <= frame && frame < card.start_frame + card.frames);
  const context = {
    keyframes,
    outputKeyframes: facts.keyframes,
    isClear: (frame: number) => !showsCaption(plan, { frame, fps: timeline.fps }) && !covered(frame),
  };
  const output = { path, keyframes: facts.keyframes, grid: { fps: timeline.fps, start_s: 0 } };
  const { reframe } = timeline.chunks[0]!;
  const compared: Compared = {
    source: { path: source.path, keyframes, video },
    output,
    picture: timeline.chunks[0]!.picture,
    pixelFormat: timeline.encoder.pix_fmt,
    ...(reframe && { reframe: (span) => ({ ...reframe, spans: toPieceSpans(plan.reframe ?? [], [toSourceRange(span)]) }) }),
  };
  const made = input.pieces.flatMap(({ spans }) => spans);
  const spans = pickSpans({ ...context, keep: plan.keep });
  const seams = pickSeams({ ...context, spans: made });
  const [values, vmaf] = await Promise.all([
    measureSimilarity({ spans: [...spans, ...seams], compared, tools }, options),
    measureVmaf({ spans, compared, tools }, options),
  ]);
  const ssim = toSimilarity(values.slice(0, spans.length).flat());
  const atSeams = toSimilarity(values.slice(spans.length).flat());
  if (ssim && ssim.mean < unlikeSsim)
    throw new CutroomError('OUTPUT_INVALID', `Sampled frames are unlike the source (SSIM ${ssim.mean.toFixed(3)}).`);
  return { ssim: ssim && { ...ssim, seams_min: atSeams?.min ?? null }, vmaf };
}

const toSourceRange = ({ sourceFrame, frames }: SampleSpan) => ({ start_frame: sourceFrame, end_frame: sourceFrame + frames });

function showsCaption({ captions }: Pick<EditPlan, 'captions'>, { frame, fps }: { frame: number; fps: string }): boolean {
  const isShown = (word: { start_s: number; end_s: number }) => toFrames(word.start_s, fps) <= frame && frame <= toFrames(word.end_s, fps);
  return captions.burn && captions.words.some(isShown);
}
