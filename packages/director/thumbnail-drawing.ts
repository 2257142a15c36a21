import { toData, toSystem } from './ask.ts';
import type { Drawing } from './provider.ts';

/** From this impact on a drawn picture is worth its price. */
export const drawnAbove = 0.7;

const system = toSystem(
  'You make thumbnails of a video. For each picture that is given, in order, give back one finished thumbnail: the same ' +
    'people and things, lit and framed so that it catches the eye at a small size, with its headline large and legible, nothing else written.',
);
const aspects = ['16:9', '9:16', '1:1', '4:5'] as const;

/** All pictures of a job in one request: frames of the video (JPEG) with their headlines. */
export function toThumbnailDrawing(
  pictures: readonly { headline: string; jpeg: Uint8Array }[],
  shape: { width: number; height: number },
): Drawing {
  const headlines = pictures.map(({ headline }) => headline);
  const frames = pictures.map(({ jpeg }) => ({ kind: 'image' as const, bytes: jpeg, contentType: 'image/jpeg' }));
  const off = (aspect: Drawing['aspect']) => {
    const [across, down] = aspect.split(':').map(Number) as [number, number];
    return Math.abs(Math.log((shape.width * down) / (shape.height * across)));
  };
  const aspect = aspects.reduce((best, one) => (off(one) < off(best) ? one : best));
  return {
    prompt: 'draw.1',
    system,
    parts: [toData({ task: 'draw', count: pictures.length, headlines }), ...frames],
    aspect,
    count: pictures.length,
  };
}
