import type { VideoFacts } from '#contracts/footage';
import type { CameraSpan, FrameRange } from '#contracts/plan';
import { parseRational } from '#contracts/rational';
import type { PreviewSpec } from '#contracts/render-specs';
import { toPieceSpans } from '../reframe/piece.ts';
import { type Aspect, chooseShape } from '../reframe/shape.ts';
import { toDecodeRuns } from './decode-runs.ts';
import { toToneMap } from './dynamic-range.ts';
import { planPieces } from './pieces.ts';

export interface PreviewInput {
  source: PreviewSpec['source'];
  video: VideoFacts;
  keep: readonly FrameRange[];
  camera: readonly CameraSpan[];
  aspect: Aspect;
  /** Of the source, as the video's own pieces have them. */
  segments: readonly FrameRange[];
  canToneMap: boolean;
  tool: string;
}

type Size = { width: number; height: number };

/** How a preview of some footage looks. */
export interface PreviewFormat extends Size {
  /** Every so many frames of the video there is a picture, so that motion stays even. */
  every: number;
  /** Size of the whole picture, where another shape is cut out of it. */
  whole?: Size;
}

/** 10 to 12.5 pictures a second for the usual rates; decoding is four fifths of the cost, the rest grows with this. */
const mostFps = 12.5;
const shortSide = 360;
/** Some 40 s of footage: starting a process stays below a tenth of its work, and a moved cut costs one of them. */
const segmentsPerPiece = 2;

/** The preview as pieces that depend on their own stretch of the source alone, as the video's do. */
export function planPreview(input: PreviewInput): PreviewSpec[] {
  const { video, keep, source, tool, canToneMap } = input;
  const { every, width, height, whole } = choosePreview(video, input.aspect);
  const { index, fps, start_s } = video;
  return planPieces(keep, joinSegments(input.segments)).map((piece) => ({
    source: { key: source.key, sha256: source.sha256 },
    video: { index, fps, start_s },
    runs: toDecodeRuns(piece.keep, video),
    frames: piece.frames,
    every,
    width,
    height,
    ...(video.hdr && canToneMap ? toToneMap(video) : { tone_map: false }),
    ...(whole && { reframe: { width, height, picture: whole, spans: toPictureSpans(toPieceSpans(input.camera, piece.keep), every) } }),
    tool,
  }));
}

export function choosePreview(video: VideoFacts, aspect: Aspect = 'source'): PreviewFormat {
  const { num, den } = parseRational(video.fps);
  const every = Math.ceil(num / den / mostFps);
  const shape = chooseShape({ video, quality: 'ultra', maxHeight: null, aspect });
  const { width, height } = shape ?? { width: video.display_width, height: video.display_height };
  const scale = Math.min(1, shortSide / Math.min(width, height));
  const scaled = (size: Size) => ({ width: toEven(size.width * scale), height: toEven(size.height * scale) });
  return { every, ...scaled({ width, height }), ...(shape && { whole: scaled(shape.picture) }) };
}

/** Pictures that stand for so many frames. */
export const countPictures = ({ frames, every }: Pick<PreviewSpec, 'frames' | 'every'>): number => Math.ceil(frames / every);

const toEven = (pixels: number) => Math.max(2, 2 * Math.round(pixels / 2));

function joinSegments(segments: readonly FrameRange[]): FrameRange[] {
  const starts = segments.filter((_, index) => index % segmentsPerPiece === 0);
  const end = segments.at(-1)!.end_frame;
  return starts.map(({ start_frame }, index) => ({ start_frame, end_frame: starts[index + 1]?.start_frame ?? end }));
}

type Spans = NonNullable<PreviewSpec['reframe']>['spans'];

/** The camera on pictures instead of frames; none is without a stand. */
function toPictureSpans(spans: Spans, every: number): Spans {
  const toPicture = (frame: number) => (frame === Number.MAX_SAFE_INTEGER ? frame : Math.ceil(frame / every));
  return spans
    .map((span) => ({
      ...span,
      start_frame: toPicture(span.start_frame),
      end_frame: toPicture(span.end_frame),
      move: {
        start_frame: toPicture(span.move.start_frame),
        end_frame: Math.max(toPicture(span.move.start_frame) + 1, toPicture(span.move.end_frame)),
      },
    }))
    .filter(({ start_frame, end_frame }) => start_frame < end_frame);
}
