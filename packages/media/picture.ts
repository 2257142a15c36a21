import type { Picture, VideoFacts } from '#contracts/artifacts';
import type { Quality } from '#contracts/request';
import { shortSideCaps } from './encoder.ts';

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
    width: toEven(display_width * scale),
    height: toEven(display_height * scale),
    full_range: video.full_range,
  };
}

/** 4:2:0 pictures have even sides. Downwards, so that a cap holds, but never to nothing. */
function toEven(pixels: number): number {
  return Math.max(2, 2 * Math.floor((pixels + 1e-6) / 2));
}
