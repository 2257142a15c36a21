import type { Media } from '#contracts/job';
import type { Settings } from '#contracts/settings';
import { estimateAsks } from '#director/estimate-asks';
import type { PriceList } from '#director/pricing';

export interface Estimate {
  /** Null when the footage is not here yet. */
  seconds: number | null;
  usd: number;
  ai_calls: number;
}

/**
 * Seconds of work per second of 1080p footage on two cores, libx264 (medians of the quality ladder's measurement);
 * a rough figure for planning, not a promise.
 */
export const encodeSpeed = { fast: 0.12, balanced: 0.17, high_quality: 0.39 } as const;
const fullHdPixels = 1920 * 1080;
const heightCap = { low: 480, medium: 720, high: 1080, ultra: 2160 } as const;
/** Reading, sound, scenes and thumbnails together, per second of footage; the preview on top. */
const analysisSpeed = 0.06;
const previewSpeed = 0.05;
/** Queues, probing and putting together, whatever the length. */
const fixedS = 2;

/** Pure: what a job would cost. Without a model every decision is made by rules, so AI costs nothing; without footage nobody knows. */
export function estimateJob(settings: Settings, media: Media | null, prices?: PriceList): Estimate {
  if (!media) return { seconds: null, usd: 0, ai_calls: 0 };
  const pixels = media.video ? deliveredPixels(settings, media.video) : 0;
  const perSecond = encodeSpeed[settings.mode] * (pixels / fullHdPixels) + analysisSpeed + (settings.preview ? previewSpeed : 0);
  const { calls, usd } = estimateAsks(settings, { durationS: media.duration_s, hasSound: media.audio !== null }, prices);
  return { seconds: Math.round((fixedS + media.duration_s * perSecond) * 10) / 10, usd, ai_calls: calls };
}

function deliveredPixels({ quality, output }: Settings, { width, height }: { width: number; height: number }): number {
  const cap = Math.min(heightCap[quality], output.max_height ?? Number.POSITIVE_INFINITY);
  const scale = Math.min(1, cap / Math.min(width, height));
  return width * height * scale * scale;
}
