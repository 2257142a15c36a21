import type { VideoFacts } from '#contracts/footage';
import type { Picture } from '#contracts/render-specs';
import type { Quality } from '#contracts/request';
import type { Settings } from '#contracts/settings';
import { shortSideCaps } from '../render/ladder.ts';
import { choosePicture } from '../render/picture.ts';

export type Aspect = Settings['output']['aspect'];

/** A delivered shape other than the source's: the whole picture scaled to its height, and its own size. */
export interface Shape {
  picture: Picture;
  width: number;
  height: number;
}

/**
 * The shape that `aspect` asks for, or null when the source has it. A narrower shape is as high as the source, a wider one
 * has the source's shorter side; never larger than it came, sides even.
 */
export function chooseShape(input: { video: VideoFacts; quality: Quality; maxHeight: number | null; aspect: Aspect }): Shape | null {
  const { display_width, display_height } = input.video;
  const ratio = toRatio(input.aspect);
  if (ratio === null || Math.abs(display_width / display_height / ratio - 1) < sameShape) return null;
  const full = fullSize(ratio, { width: display_width, height: display_height });
  const short = Math.min(full.width, full.height);
  const scale = Math.min(1, shortSideCaps[input.quality] / short, (input.maxHeight ?? Number.POSITIVE_INFINITY) / full.height);
  const height = toEven(full.height * scale);
  const picture = choosePicture({ video: input.video, quality: 'ultra', maxHeight: null });
  const width = toEven((display_width / display_height) * height);
  return { picture: { ...picture, width, height }, width: toEven(height * ratio), height };
}

/** Width over height, or null for the source's own. */
export function toRatio(aspect: Aspect): number | null {
  const [width, height] = aspect.split(':').map(Number);
  return width && height ? width / height : null;
}

/** Two pixels in a hundred are nothing to cut. */
const sameShape = 0.02;

function fullSize(ratio: number, source: { width: number; height: number }): { width: number; height: number } {
  if (source.width / source.height > ratio) return { width: source.height * ratio, height: source.height };
  const short = Math.min(source.width, source.height);
  return ratio < 1 ? { width: short, height: short / ratio } : { width: short * ratio, height: short };
}

const toEven = (pixels: number) => Math.max(2, 2 * Math.round(pixels / 2));
