import type { VideoFacts } from '#contracts/footage';

/** Tags an encode with the colours of its source, as far as the source names them. */
export function buildColourOptions({ color, full_range }: Pick<VideoFacts, 'color' | 'full_range'>): string[] {
  const named: [string, string][] = [
    ['-colorspace', color.space],
    ['-color_trc', color.transfer],
    ['-color_primaries', color.primaries],
    ['-color_range', full_range ? 'pc' : 'tv'],
  ];
  return named.filter(([, name]) => colourName.test(name) && !unnamed.includes(name)).flat();
}

/** Names come from ffprobe's tables; RGB footage becomes YUV, so its `gbr` no longer holds. */
const colourName = /^[a-z0-9-]+$/;
const unnamed = ['unknown', 'reserved', 'unspecified', 'gbr'];
