import type { VideoFacts } from '#contracts/footage';
import { parseRational } from '#contracts/rational';
import { type FrameRate, findFrameRate, parseRate } from './frame-rate.ts';
import { toGeometry } from './geometry.ts';
import type { FrameIndex } from './gop.ts';
import type { ProbedStream } from './probe-schema.ts';

const hdrTransfers = ['smpte2084', 'arib-std-b67'];

export const isHdr = (stream: ProbedStream): boolean => hdrTransfers.includes(stream.color_transfer ?? '');

/** The facts of one stream from its header and its index of frames, and the mean rate, which facts do not keep. */
export function toVideoFacts(
  { stream, index, openGops }: { stream: ProbedStream; index: FrameIndex; openGops: number[] },
  containerStartS: number,
): { video: VideoFacts; rate: FrameRate } {
  const timeBase = parseRational(stream.time_base ?? '');
  const rate = findFrameRate(index.pts, timeBase, [parseRate(stream.r_frame_rate), parseRate(stream.avg_frame_rate)]);
  const { mirrored: _, ...geometry } = toGeometry(stream);
  const video: VideoFacts = {
    index: stream.index,
    codec: stream.codec_name ?? 'unknown',
    profile: stream.profile ?? 'unknown',
    pix_fmt: stream.pix_fmt ?? 'unknown',
    bit_depth: toBitDepth(stream),
    width: stream.width ?? 0,
    height: stream.height ?? 0,
    ...geometry,
    fps: `${rate.fps.num}/${rate.fps.den}`,
    frames: index.pts.length,
    cfr: rate.cfr,
    field_order: toFieldOrder(stream.field_order),
    full_range: stream.color_range === 'pc' || (stream.pix_fmt ?? '').startsWith('yuvj'),
    color: {
      space: stream.color_space ?? 'unknown',
      transfer: stream.color_transfer ?? 'unknown',
      primaries: stream.color_primaries ?? 'unknown',
    },
    hdr: isHdr(stream),
    has_b_frames: stream.has_b_frames ?? 0,
    time_base: stream.time_base!,
    start_s: (index.pts[0]! * timeBase.num) / timeBase.den - containerStartS,
    keyframes: index.keyframes,
    open_gops: openGops,
  };
  return { video, rate };
}

/** ffprobe names coding order, then display order; the second letter is the field that is seen first. */
export function toFieldOrder(order: string | undefined): VideoFacts['field_order'] {
  if (order === 'tt' || order === 'bt') return 'tff';
  if (order === 'bb' || order === 'tb') return 'bff';
  return 'progressive';
}

function toBitDepth(stream: ProbedStream): number {
  const named = /(?:p|gray|x2rgb|x2bgr|gbrap|gbrp)(9|10|12|14|16)(?:le|be)$/.exec(stream.pix_fmt ?? '')?.[1];
  return Number(named ?? 8);
}
