import type { VideoFacts } from '#contracts/footage';
import type { Picture } from '#contracts/render-specs';
import type { Quality } from '#contracts/request';
import { shortSideCaps } from './ladder.ts';

export interface PictureInput {
  video: VideoFacts;
  quality: Quality;
  /** Tallest delivered picture asked for, in pixels. */
  maxHeight: number | null;
}

/** How this source's pictures are delivered: upright, square pixels, even size, never larger than they came. */
export function choosePicture({ video, quality, maxHeight }: PictureInput): Picture {
  const { display_width, display_height } = video;
  const shortSide = Math.min(display_width, display_height);
  const scale = Math.min(1, shortSideCaps[quality] / shortSide, (maxHeight ?? Number.POSITIVE_INFINITY) / display_height);
  return {
    deinterlace: video.field_order !== 'progressive',
    tone_map: video.hdr,
    width: toEven(display_width * scale, display_width),
    height: toEven(display_height * scale, display_height),
    full_range: video.full_range,
  };
}

/** 4:2:0 pictures have even sides: the nearest that is no larger than the source. */
function toEven(pixels: number, most: number): number {
  const nearest = 2 * Math.round(pixels / 2);
  return Math.max(2, nearest > most ? 2 * Math.floor(most / 2) : nearest);
}
