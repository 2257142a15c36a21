import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FrameRange } from '#contracts/plan';
import type { ChunkSpec, MadeSpan, Reframe } from '#contracts/render-specs';
import type { MediaCommand } from '../command.ts';
import { decodersAtOnce, mergeCommands } from '../decoders.ts';
import type { MediaTools } from '../ffmpeg.ts';
import { buildReframeFilters } from '../reframe/filter.ts';
import { type FrameGrid, findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';
import { buildDeinterlaceFilters, buildKeepFilters, buildPictureFilters } from './filters.ts';

/** The same pictures in both files: `sourceFrame` of the source is shown at `outputFrame` of the output. */
export interface SampleSpan {
  sourceFrame: number;
  outputFrame: number;
  frames: number;
}

export interface Similarity {
  mean: number;
  min: number;
  samples: number;
}

export interface Compared {
  source: { path: string; keyframes: readonly number[]; video: ChunkSpec['video'] };
  output: { path: string; keyframes: readonly number[]; grid: FrameGrid };
  picture: ChunkSpec['picture'];
  /** Of the output; both sides are compared in it. */
  pixelFormat: string;
  /** The camera on the pictures of a span, where another shape is cut out of them. */
  reframe?: (span: SampleSpan) => Reframe;
  /** Both sides are looked at as they are stored, not turned upright. */
  asStored?: boolean;
}

const spanCount = 3;
const longestSpanFrames = 16;
const seamFrames = 2;

/** What spans are picked from. */
export interface SpanContext {
  keyframes: readonly number[];
  outputKeyframes: readonly number[];
  /** Leaves out output frames that show more than the source does. */
  isClear?: (outputFrame: number) => boolean;
}

/**
 * Spans spread over the output that begin on key frames of the source and soon after key frames of the output, so that
 * little is decoded that is not compared.
 */
export function pickSpans({ keep, ...context }: SpanContext & { keep: readonly FrameRange[] }): SampleSpan[] {
  return pickCheapest(toSpans(keep, context.keyframes), context);
}

/** Spread over the output like those: the frames on the encoded side of where copied and encoded ones meet. */
export function pickSeams({
  spans,
  count = spanCount,
  ...context
}: SpanContext & { spans: readonly MadeSpan[]; count?: number }): SampleSpan[] {
  return pickCheapest(toSeams(spans), context, count);
}

function pickCheapest(
  spans: readonly SampleSpan[],
  { keyframes, outputKeyframes, isClear = () => true }: SpanContext,
  count = spanCount,
): SampleSpan[] {
  const clear = spans.filter((span) => isClear(span.outputFrame) && isClear(span.outputFrame + span.frames - 1));
  const unused = ({ sourceFrame, outputFrame }: SampleSpan) =>
    sourceFrame - findKeyFrame(keyframes, sourceFrame) + outputFrame - findKeyFrame(outputKeyframes, outputFrame);
  return splitEvenly(clear, count).map((part) => part.reduce((best, span) => (unused(span) < unused(best) ? span : best)));
}

/** SSIM of luma between source and output on each frame of each of these spans; as many of them in one process as memory has room for. */
export async function measureSimilarity(
  { spans, compared, tools }: { spans: readonly SampleSpan[]; compared: Compared; tools: Pick<MediaTools, 'run'> },
  options: { cwd: string; signal: AbortSignal },
): Promise<number[][]> {
  const atOnce = Math.max(1, Math.floor(decodersAtOnce(compared.source.video) / 2));
  const values: number[][] = [];
  for (let from = 0; from < spans.length; from += atOnce) {
    const some = spans.slice(from, from + atOnce);
    await tools.run(
      mergeCommands(
        some.map((span, index) => buildSimilarityCommand(span, compared, { metric: ssimInto(toStatsFile(index)), firstInput: 2 * index })),
      ),
      options,
    );
    const stats = await Promise.all(some.map((_, index) => readFile(join(options.cwd, toStatsFile(index)), 'utf8')));
    values.push(...stats.map(parseSimilarity));
  }
  return values;
}

const toStatsFile = (index: number): string => `ssim-${index}.log`;

/** A filter that writes one line a frame. */
export const ssimInto = (statsFile: string): string => `ssim=stats_file=${statsFile}`;

export function toSimilarity(values: readonly number[]): Similarity | null {
  if (values.length === 0) return null;
  return { mean: values.reduce((sum, value) => sum + value, 0) / values.length, min: Math.min(...values), samples: values.length };
}

/**
 * Both sides on one time base and counted anew: `metric`, a filter of made and meant pictures, pairs by time, and unlike time
 * bases pair wrong frames. As a part of a larger command its inputs are numbered from `firstInput`.
 */
export function buildSimilarityCommand(
  span: SampleSpan,
  compared: Compared,
  { metric, firstInput = 0 }: { metric: string; firstInput?: number },
): MediaCommand & { filterGraph: string } {
  const { source, output, picture, pixelFormat } = compared;
  const sourceStart = startAtKeyFrame(source.video, findKeyFrame(source.keyframes, span.sourceFrame));
  const outputStart = startAtKeyFrame(output.grid, findKeyFrame(output.keyframes, span.outputFrame));
  const { fps } = source.video;
  const outputKeep = buildKeepFilters([toRange(span.outputFrame, span.frames)], { fps, start: outputStart });
  const sourceKeep = buildKeepFilters([toRange(span.sourceFrame, span.frames)], { fps, start: sourceStart });
  const sourceFilters = [
    ...buildDeinterlaceFilters(picture),
    ...sourceKeep,
    ...buildPictureFilters(picture, source.video, pixelFormat),
    ...(compared.reframe ? [...buildReframeFilters(picture, compared.reframe(span)), `format=${pixelFormat}`] : []),
  ];
  const decode = [...(compared.asStored ? ['-noautorotate'] : []), '-threads', '1'];
  const [made, meant, shown] = ['made', 'meant', 'compared'].map((name) => `${name}${firstInput}`);
  return {
    inputs: [
      { path: output.path, options: [...decode, ...outputStart.options] },
      { path: source.path, options: [...decode, ...sourceStart.options] },
    ],
    filterGraph: [
      `[${firstInput}:v:0]${outputKeep.join(',')},format=${pixelFormat}[${made}]`,
      `[${firstInput + 1}:${source.video.index}]${sourceFilters.join(',')}[${meant}]`,
      `[${made}][${meant}]${metric}[${shown}]`,
    ].join(';'),
    outputs: [
      { path: `${shown}`, options: ['-map', `[${shown}]`, '-frames:v', String(span.frames), '-fps_mode', 'passthrough', '-f', 'null'] },
    ],
  };
}

/** Luma values of a stats file, one a frame. */
export function parseSimilarity(stats: string): number[] {
  return [...stats.matchAll(/ Y:(\d+(?:\.\d+)?)/g)].map(([, value]) => Number(value));
}

function splitEvenly<T>(items: readonly T[], count: number): T[][] {
  const edges = Array.from({ length: count + 1 }, (_, index) => Math.round((index * items.length) / count));
  return edges.slice(1).flatMap((edge, index) => (edge > edges[index]! ? [items.slice(edges[index], edge)] : []));
}

function toSpans(keep: readonly FrameRange[], keyframes: readonly number[]): SampleSpan[] {
  let outputFrame = 0;
  const spans: SampleSpan[] = [];
  for (const { start_frame, end_frame } of keep) {
    const keys = keyframes.filter((key) => key > start_frame && key + longestSpanFrames <= end_frame);
    for (const sourceFrame of keys.length > 0 ? keys : [start_frame]) {
      const frames = Math.min(longestSpanFrames, end_frame - sourceFrame);
      spans.push({ sourceFrame, outputFrame: outputFrame + sourceFrame - start_frame, frames });
    }
    outputFrame += end_frame - start_frame;
  }
  return spans;
}

function toSeams(spans: readonly MadeSpan[]): SampleSpan[] {
  let position = 0;
  return spans.flatMap((span, index) => {
    const start = position;
    position += span.frames;
    if (span.how === 'copy') return [];
    const frames = Math.min(seamFrames, span.frames);
    const first = { sourceFrame: span.source_start_frame, outputFrame: start, frames };
    const last = { sourceFrame: span.source_start_frame + span.frames - frames, outputFrame: position - frames, frames };
    return [...(spans[index - 1]?.how === 'copy' ? [first] : []), ...(spans[index + 1]?.how === 'copy' ? [last] : [])];
  });
}

function toRange(start_frame: number, frames: number): FrameRange {
  return { start_frame, end_frame: start_frame + frames };
}
