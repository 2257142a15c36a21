import type { Reframe, VideoFacts } from '#contracts/artifacts';
import type { CameraSpan, FrameRange } from '#contracts/plan';
import { parseRational } from '#contracts/rational';
import type { MediaCommand } from '../command.ts';
import { buildReframeFilters } from '../reframe/filter.ts';
import { toPieceSpans } from '../reframe/piece.ts';
import { type Aspect, chooseShape } from '../reframe/shape.ts';
import { type DecodeStart, findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';
import { buildEndFilter, buildSelectFilter, buildSum, buildToneMapFilters } from './filters.ts';
import { countFrames } from './pieces.ts';

/** How a preview of some footage looks. */
export interface PreviewFormat {
  /** The source's rate divided by a whole number, so that motion stays even. */
  fps: string;
  /** That number. */
  every: number;
  width: number;
  height: number;
  /** Size of the whole picture, where another shape is cut out of it. */
  whole?: { width: number; height: number };
}

/** A run of kept ranges that one decode renders, as `frames` preview frames. */
export interface PreviewPart {
  keep: FrameRange[];
  frames: number;
}

/** 10 to 12.5 pictures a second for the usual rates; decoding is four fifths of the cost, the rest grows with this. */
const mostFps = 12.5;
const shortSide = 360;
/** One filter argument holds at most 128 KiB; a range takes about 80 bytes of two. */
const mostRanges = 400;

export function choosePreview(video: VideoFacts, aspect: Aspect = 'source'): PreviewFormat {
  const { num, den } = parseRational(video.fps);
  const every = Math.ceil(num / den / mostFps);
  const shape = chooseShape({ video, quality: 'ultra', maxHeight: null, aspect });
  const { width, height } = shape ?? { width: video.display_width, height: video.display_height };
  const scale = Math.min(1, shortSide / Math.min(width, height));
  const scaled = (size: { width: number; height: number }) => ({ width: toEven(size.width * scale), height: toEven(size.height * scale) });
  return { fps: `${num}/${den * every}`, every, ...scaled({ width, height }), ...(shape && { whole: scaled(shape.picture) }) };
}

const toEven = (pixels: number) => Math.max(2, 2 * Math.round(pixels / 2));

/** The edit in as few decodes as filter arguments allow; lengths are taken from absolute frame numbers and add up. */
export function planPreview(keep: readonly FrameRange[], { every }: PreviewFormat): PreviewPart[] {
  const parts: PreviewPart[] = [];
  let position = 0;
  for (let from = 0; from < keep.length; from += mostRanges) {
    const ranges = keep.slice(from, from + mostRanges);
    const end = position + countFrames(ranges);
    const frames = Math.max(from === 0 ? 1 : 0, Math.round(end / every) - Math.round(position / every));
    if (frames > 0) parts.push({ keep: ranges, frames });
    position = end;
  }
  return parts;
}

/**
 * Cheapest decode that keeps the timing right: no deblocking, pictures that no other needs are left out, what is missing
 * is filled by the picture before. The last frame is held until the planned length.
 */
export function buildPreviewCommand(input: {
  sourcePath: string;
  video: VideoFacts;
  format: PreviewFormat;
  part: PreviewPart;
  name: string;
  canToneMap: boolean;
  /** The plan's, over the whole edit. */
  camera?: readonly CameraSpan[];
}): MediaCommand {
  const { video, format, part } = input;
  const whole = format.whole ?? format;
  const start = startAtKeyFrame(video, findKeyFrame(video.keyframes, part.keep[0]!.start_frame));
  const filters = [
    ...buildCloseUp(part.keep, start),
    `fps=${format.fps}:start_time=0`,
    'tpad=stop=-1:stop_mode=clone',
    `scale=${whole.width}:${whole.height}:flags=fast_bilinear`,
    ...(video.hdr && input.canToneMap ? buildToneMapFilters() : []),
    'format=yuv420p',
    ...(format.whole ? buildReframeFilters(whole, toPreviewCamera(input.camera ?? [], { format, part })) : []),
    'setsar=1',
  ];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-bf', '0', '-g', '60', '-threads', '1'];
  return {
    inputs: [{ path: input.sourcePath, options: ['-threads', '1', '-skip_loop_filter', 'all', '-skip_frame', 'noref', ...start.options] }],
    outputs: [
      {
        path: input.name,
        options: [
          '-map',
          `0:${video.index}`,
          '-an',
          '-vf',
          filters.join(','),
          '-frames:v',
          String(part.frames),
          '-fps_mode',
          'passthrough',
          ...encode,
          '-f',
          'mpegts',
        ],
      },
    ],
  };
}

/** The camera on the frames of a part, of which none is without a stand. */
function toPreviewCamera(camera: readonly CameraSpan[], { format, part }: { format: PreviewFormat; part: PreviewPart }): Reframe {
  const { every, width, height } = format;
  const spans = toPieceSpans(camera, part.keep).map((span, index, all) => ({
    ...span,
    start_frame: Math.round(span.start_frame / every),
    end_frame: index === all.length - 1 ? Number.MAX_SAFE_INTEGER : Math.round(span.end_frame / every),
    move: { start_frame: span.move.start_frame / every, end_frame: span.move.end_frame / every },
  }));
  return { width, height, spans: spans.filter(({ start_frame, end_frame }) => start_frame < end_frame) };
}

/** Drops what is cut and moves the rest together. */
function buildCloseUp(keep: readonly FrameRange[], start: DecodeStart): string[] {
  const gaps = keep.slice(1).map((range, index) => {
    const gapS = start.toFilterS(range.start_frame) - start.toFilterS(keep[index]!.end_frame);
    return `gte(T,${start.toFilterS(range.start_frame - 0.5).toFixed(6)})*${gapS.toFixed(6)}`;
  });
  const firstS = start.toFilterS(keep[0]!.start_frame).toFixed(6);
  return [buildEndFilter(keep, start), buildSelectFilter(keep, start), `setpts='(T-(${firstS})-${buildSum(gaps)})/TB'`];
}
