import { CutroomError } from '#contracts/errors';
import type { Facts, VideoFacts } from '#contracts/footage';
import type { Media } from '#contracts/job';
import { parseRate } from './frame-rate.ts';
import { toGeometry } from './geometry.ts';
import { createPacketReader, type FrameIndex } from './gop.ts';
import type { ProbedFile, ProbedStream } from './probe-schema.ts';
import { findOpenGops } from './random-access.ts';
import { checkFrames, checkRate, checkVideoStream, defaultSourceLimits } from './refusals.ts';
import { toNormalizeReasons, toSourceWarnings } from './source-notes.ts';
import { audioTracks, type ProbeContext, pickAudio, pickVideo, readStreams, refuseUnreadable } from './streams.ts';
import { isHdr, toFieldOrder, toVideoFacts } from './video-facts.ts';

/**
 * What an upload is, from its headers alone; sound without pictures is fine, a still picture is not.
 * Throws SOURCE_UNREADABLE, SOURCE_HAS_NO_VIDEO, SOURCE_TOO_LARGE or SOURCE_UNSUPPORTED.
 */
export async function probeMedia(path: string, context: ProbeContext): Promise<Media> {
  const file = await readStreams(path, context);
  const video = pickVideo(file);
  const audio = pickAudio(file);
  if (!audio) checkVideoStream(file, video);
  return {
    duration_s: claimedDurationS(file, video) ?? (await readDurationS({ path, file, stream: video }, context)),
    container: file.format.format_name,
    video: video ? toMediaVideo(video) : null,
    audio: audio && { codec: audio.codec, sample_rate: audio.sample_rate, channels: audio.channels, tracks: audioTracks(file).length },
  };
}

/**
 * Everything later stages need to know of footage: its headers, one pass over its packets, one decoded frame.
 * Throws SOURCE_UNREADABLE, SOURCE_HAS_NO_VIDEO, SOURCE_TOO_LARGE or SOURCE_UNSUPPORTED.
 */
export async function probeSource(path: string, context: ProbeContext): Promise<Facts> {
  const limits = { ...defaultSourceLimits, ...context.limits };
  const file = await readStreams(path, context);
  const stream = pickVideo(file);
  checkVideoStream(file, stream);
  const index = await readFrames({ path, stream, maxFrames: limits.maxFrames }, context);
  checkFrames(index, stream);
  const containerStartS = file.format.start_time ?? 0;
  const openGops = await findOpenGops({ path, stream, index }, context);
  const { video, rate } = toVideoFacts({ stream, index, openGops }, containerStartS);
  checkRate(rate, video.frames, limits);
  await decodeFirstFrame({ path, stream }, context);
  const source = { file, stream, index, rate };
  return {
    container: file.format.format_name,
    duration_s: video.cfr ? (video.frames * rate.fps.den) / rate.fps.num : video.frames / rate.meanFps,
    container_start_s: containerStartS,
    video,
    audio: pickAudio(file),
    audio_tracks: audioTracks(file).length,
    normalize: toNormalizeReasons(source),
    warnings: toSourceWarnings(source),
  };
}

/** The facts of a file that this service made itself. */
export async function probeVideo(path: string, context: ProbeContext): Promise<VideoFacts> {
  const file = await readStreams(path, context);
  const stream = pickVideo(file);
  checkVideoStream(file, stream);
  const index = await readFrames({ path, stream, maxFrames: Number.POSITIVE_INFINITY }, context);
  if (index.pts.length === 0) throw new CutroomError('SOURCE_UNREADABLE', undecodable);
  const openGops = await findOpenGops({ path, stream, index }, context);
  return toVideoFacts({ stream, index, openGops }, file.format.start_time ?? 0).video;
}

interface FrameRead {
  path: string;
  stream: ProbedStream;
  maxFrames: number;
}

/** One pass over the packets of one stream, without decoding. */
async function readFrames({ path, stream, maxFrames }: FrameRead, context: ProbeContext): Promise<FrameIndex> {
  const reader = createPacketReader(maxFrames);
  const args = ['-select_streams', String(stream.index), '-show_entries', 'packet=pts,dts,flags', '-of', 'compact=p=0:nk=1'];
  await context.media.probeLines({ args, path }, { ...context, timeoutMs: 600_000, onLine: reader.onLine }).catch(refuseUnreadable);
  return reader.index();
}

/** A file may have a perfect index and not one picture that decodes. */
async function decodeFirstFrame({ path, stream }: Omit<FrameRead, 'maxFrames'>, context: ProbeContext): Promise<void> {
  const output = { options: ['-map', `0:${stream.index}`, '-frames:v', '1', '-f', 'framemd5'], path: 'pipe:1' };
  let sums = '';
  const onStdout = (chunk: Buffer) => {
    sums += chunk.toString('latin1');
  };
  const { media, cwd, signal } = context;
  const run = media.run({ inputs: [{ path }], outputs: [output] }, { cwd, signal, limits: { wallS: 60, cpuS: 120 }, onStdout });
  await run.catch((error: unknown) => refuseUndecodable(error, stream));
  if (!/^0,/m.test(sums)) throw new CutroomError('SOURCE_UNREADABLE', undecodable);
}

const undecodable = 'Not one frame of the footage could be decoded.';

function refuseUndecodable(error: unknown, stream: ProbedStream): never {
  if (!(error instanceof CutroomError) || error.code !== 'TOOL_FAILED') throw error;
  const { tool } = error.details;
  if (/decoder/i.test(tool?.stderr_tail ?? '') && /not found|Unknown decoder/i.test(tool?.stderr_tail ?? '')) {
    throw new CutroomError('SOURCE_UNSUPPORTED', `The codec ${stream.codec_name ?? 'of the picture'} cannot be decoded here.`);
  }
  throw new CutroomError('SOURCE_UNREADABLE', { detail: undecodable, ...(tool && { tool }) });
}

/** The header's word, unless its own count of frames tells of a far shorter film. */
function claimedDurationS(file: ProbedFile, video: ProbedStream | undefined): number | undefined {
  const claimedS = file.format.duration;
  const rate = parseRate(video?.avg_frame_rate);
  const framesS = rate ? ((video?.nb_frames ?? 0) * rate.den) / rate.num : 0;
  return claimedS !== undefined && framesS > 0 && claimedS > 100 * framesS ? framesS : claimedS;
}

/** Recordings of browsers name no duration: the last packet tells. */
async function readDurationS(
  { path, file, stream }: { path: string; file: ProbedFile; stream: ProbedStream | undefined },
  context: ProbeContext,
): Promise<number> {
  const timed = stream ?? audioTracks(file)[0];
  if (!timed) return 0;
  const { pts } = await readFrames({ path, stream: timed, maxFrames: defaultSourceLimits.maxFrames }, context);
  const tickS = parseRate(timed.time_base);
  return tickS && pts.length > 0 ? ((pts.at(-1)! - pts[0]!) * tickS.num) / tickS.den : 0;
}

function toMediaVideo(stream: ProbedStream): NonNullable<Media['video']> {
  return {
    codec: stream.codec_name ?? 'unknown',
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    fps: [stream.avg_frame_rate, stream.r_frame_rate].find((rate) => rate && !/^0\/|\/0$/.test(rate)) ?? '0/1',
    rotation: toGeometry(stream).rotation,
    pix_fmt: stream.pix_fmt ?? 'unknown',
    hdr: isHdr(stream),
    interlaced: toFieldOrder(stream.field_order) !== 'progressive',
  };
}
