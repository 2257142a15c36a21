import type { VideoFacts } from '#contracts/footage';
import type { FrameRange } from '#contracts/plan';
import type { Match, Smart } from '#contracts/render-specs';
import { findClosedKeys } from './gate.ts';
import { encodeSpans, planSpans, type SpanContext } from './spans.ts';

/** How one piece of a video in which pictures may be copied is made; the reason when none of its own are. */
export function planSmart(
  { keep, match, isDrawnOn }: { keep: readonly FrameRange[]; match: Match; isDrawnOn: boolean },
  { video, seekBiasS }: { video: VideoFacts; seekBiasS: number },
): { smart: Smart; gate: string | null } {
  const spans = isDrawnOn ? null : planSpans(keep, toSpanContext(video, match));
  const smart = { match, spans: spans ?? encodeSpans(keep, video.keyframes), seek_bias_s: seekBiasS };
  if (spans !== null) return { smart, gate: null };
  return { smart, gate: isDrawnOn ? 'drawn_on' : 'not_worthwhile' };
}

/** What the spans of any part of a video are planned from. */
export function toSpanContext(video: Pick<VideoFacts, 'frames' | 'keyframes' | 'open_gops'>, match: Match): SpanContext {
  return { keyframes: video.keyframes, anchors: [...findClosedKeys(video), video.frames], reorderFrames: match.reorder_frames };
}

/**
 * How far ffmpeg goes back of its own accord when it seeks in a container that it takes to be indexed by decode time: by
 * 3/23 s where pictures are reordered. A copy begins where the seek lands.
 */
export function toSeekBiasS({ source, container }: { source: { normalized: boolean; video: VideoFacts }; container: string }): number {
  const indexedByDecodeTime = !source.normalized && !/(^|,)mov(,|$)/.test(container);
  return indexedByDecodeTime && source.video.has_b_frames > 0 ? 3 / 23 : 0;
}
