import type { VideoFacts } from '#contracts/footage';
import type { FrameRange } from '#contracts/plan';
import type { Match } from '#contracts/render-specs';
import { decodersAtOnce } from '../decoders.ts';
import { countFrames, intersect } from '../render/pieces.ts';
import { toFrames } from '../source/frame-time.ts';
import { toSpanContext } from './plan.ts';
import { groupByDecode, planSpans, type SpanContext } from './spans.ts';

/** What a piece costs that is mostly copied are its processes: at most so many segments share them. */
const mostSegments = 4;
/** Fewer pieces than this would leave cores without work. */
const fewestPieces = 4;
/** To encode more than the longest segment is worth processes of its own. */
const mostEncodedS = 24;

/**
 * Neighbouring segments as one where nearly all that is kept of them is copied; all of them where nothing is cut. Which
 * segments may come together depends on the source alone, and whether they do on what is kept of these: a moved cut changes
 * no other piece.
 */
export function widenSegments(
  segments: readonly FrameRange[],
  { keep, match, video }: { keep: readonly FrameRange[]; match: Match; video: VideoFacts },
): FrameRange[] {
  if (countFrames(keep) === video.frames) return [join(segments)];
  const context = toSpanContext(video, match);
  const most = { encoded: toFrames(mostEncodedS, video.fps), decodes: decodersAtOnce(video) };
  const widen = (group: readonly FrameRange[]): readonly FrameRange[] => {
    if (group.length === 1 || isMostlyCopied(intersect(keep, join(group)), context, most)) return [join(group)];
    const middle = Math.ceil(group.length / 2);
    return [...widen(group.slice(0, middle)), ...widen(group.slice(middle))];
  };
  return inGroups(segments).flatMap(widen);
}

function inGroups(segments: readonly FrameRange[]): FrameRange[][] {
  const size = Math.max(1, Math.min(mostSegments, Math.floor(segments.length / fewestPieces)));
  return Array.from({ length: Math.ceil(segments.length / size) }, (_, index) => segments.slice(index * size, (index + 1) * size));
}

function isMostlyCopied(keep: readonly FrameRange[], context: SpanContext, most: { encoded: number; decodes: number }): boolean {
  const spans = keep.length > 0 ? planSpans(keep, context) : null;
  if (spans === null) return false;
  return countFrames(spans.filter(({ how }) => how === 'encode')) <= most.encoded && groupByDecode(spans).length <= most.decodes;
}

const join = (group: readonly FrameRange[]): FrameRange => ({ start_frame: group[0]!.start_frame, end_frame: group.at(-1)!.end_frame });
