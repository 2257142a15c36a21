import type { VideoFacts } from '#contracts/footage';
import type { FrameRange } from '#contracts/plan';
import type { Match, Smart } from '#contracts/render-specs';
import { findClosedKeys } from './gate.ts';
import { encodeSpans, planSpans } from './spans.ts';

/** How one piece of a video in which pictures may be copied is made; the reason when none of its own are. */
export function planSmart(
  { keep, match, isDrawnOn }: { keep: readonly FrameRange[]; match: Match; isDrawnOn: boolean },
  { video, seekBiasS }: { video: VideoFacts; seekBiasS: number },
): { smart: Smart; gate: string | null } {
  const { keyframes, frames } = video;
  const anchors = [...findClosedKeys(video), frames];
  const spans = isDrawnOn ? null : planSpans({ keep, keyframes, anchors, reorderFrames: match.reorder_frames });
  const smart = { match, spans: spans ?? encodeSpans(keep, keyframes), seek_bias_s: seekBiasS };
  if (spans !== null) return { smart, gate: null };
  return { smart, gate: isDrawnOn ? 'drawn_on' : 'not_worthwhile' };
}

/**
 * How far ffmpeg goes back of its own accord when it seeks in a container that it takes to be indexed by decode time: by
 * 3/23 s where pictures are reordered. A copy begins where the seek lands.
 */
export function toSeekBiasS({ source, container }: { source: { normalized: boolean; video: VideoFacts }; container: string }): number {
  const indexedByDecodeTime = !source.normalized && !/(^|,)mov(,|$)/.test(container);
  return indexedByDecodeTime && source.video.has_b_frames > 0 ? 3 / 23 : 0;
}
