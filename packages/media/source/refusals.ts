import { CutroomError } from '#contracts/errors';
import type { FrameRate } from './frame-rate.ts';
import type { FrameIndex } from './gop.ts';
import type { ProbedFile, ProbedStream } from './probe-schema.ts';

/** What footage may be; every figure is finite. */
export interface SourceLimits {
  maxPixels: number;
  maxStreams: number;
  maxFps: number;
  maxDurationS: number;
  maxFrames: number;
}

/** 8,294,400 pixels is 4K, Mastodon's limit (mastodon/mastodon#23726); still pictures may have more, as covers do. */
export const defaultSourceLimits: SourceLimits = {
  maxPixels: 8_294_400,
  maxStreams: 32,
  maxFps: 120,
  maxDurationS: 6 * 3600,
  maxFrames: 1_500_000,
};

const maxPicturePixels = 33_554_432;
const minSide = 16;

/** Throws the typed refusal that the headers alone justify. */
export function checkHeaders(file: ProbedFile, limits: SourceLimits): void {
  if (file.streams.length > limits.maxStreams) {
    throw new CutroomError('SOURCE_UNSUPPORTED', `The file has ${file.streams.length} streams; at most ${limits.maxStreams} are read.`);
  }
  for (const stream of file.streams.filter(({ codec_type }) => codec_type === 'video'))
    checkSize(stream, isStill(file) ? maxPicturePixels : limits.maxPixels);
}

function checkSize({ width = 0, height = 0 }: ProbedStream, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new CutroomError('SOURCE_TOO_LARGE', `The picture is ${width}×${height}; at most ${maxPixels} pixels are decoded.`);
}

/** Throws unless the stream is moving pictures that this build can decode. */
export function checkVideoStream(file: ProbedFile, stream: ProbedStream | undefined): asserts stream is ProbedStream {
  if (stream === undefined) {
    const sound = file.streams.some(({ codec_type }) => codec_type === 'audio');
    if (sound) throw new CutroomError('SOURCE_HAS_NO_VIDEO', 'The file holds sound but no moving picture.');
    throw new CutroomError('SOURCE_UNREADABLE', 'The file holds neither picture nor sound.');
  }
  if (isStill(file)) throw new CutroomError('SOURCE_HAS_NO_VIDEO', 'The file is a still picture.');
  const { width = 0, height = 0 } = stream;
  if (width > 0 && (width < minSide || height < minSide)) {
    throw new CutroomError('SOURCE_UNSUPPORTED', `The picture is ${width}×${height}; it needs at least ${minSide}×${minSide}.`);
  }
}

/** Throws unless the index tells of footage within the limits and as long as its header says. */
export function checkFrames(index: FrameIndex, stream: ProbedStream): void {
  if (index.pts.length === 0) throw new CutroomError('SOURCE_UNREADABLE', 'The file holds no frames with a time.');
  const claimed = stream.nb_frames ?? 0;
  if (index.packets < claimed * 0.9) {
    throw new CutroomError('SOURCE_UNREADABLE', `The file was cut off: it holds ${index.packets} of ${claimed} frames.`);
  }
  if (index.pts.length === 1 && claimed <= 1) throw new CutroomError('SOURCE_HAS_NO_VIDEO', 'The file holds one single frame.');
}

export function checkRate({ meanFps, fps, cfr }: FrameRate, frames: number, limits: SourceLimits): void {
  if (meanFps > limits.maxFps + 0.5) {
    throw new CutroomError(
      'SOURCE_TOO_LARGE',
      `The footage has ${meanFps.toFixed(0)} frames a second; at most ${limits.maxFps} are decoded.`,
    );
  }
  const durationS = meanFps > 0 ? frames / meanFps : 0;
  const gridFrames = cfr ? frames : (durationS * fps.num) / fps.den;
  if (durationS > limits.maxDurationS || gridFrames > limits.maxFrames) {
    throw new CutroomError(
      'SOURCE_TOO_LARGE',
      `The footage lasts ${durationS.toFixed(0)} s; at most ${limits.maxDurationS} s or ${limits.maxFrames} frames are edited.`,
    );
  }
}

/** Demuxers that yield a single picture. */
export function isStill(file: ProbedFile): boolean {
  return /(^|,)(\w+_pipe|image2)$/.test(file.format.format_name);
}
