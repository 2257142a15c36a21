import type { Codec, Mode, Quality } from '#contracts/request';

/** How hard an encoder works, in its own words, and the rate factor on its own scale. */
export interface Rung {
  preset: string;
  crf: number;
}

/** Longest short side a quality delivers, in pixels; sources below it keep their size. */
export const shortSideCaps = { low: 480, medium: 720, high: 1080, ultra: 2160 } as const satisfies Record<Quality, number>;

/** Mean SSIM-Y that a quality promises against its source at the same size. */
export const ssimFloors = { low: 0.92, medium: 0.95, high: 0.97, ultra: 0.985 } as const satisfies Record<Quality, number>;

/** mode × quality for each codec: rate factors were chosen so that the worst measured clip stays above the floor (docs/quality.md). */
export const ladders = {
  h264: toLadder(['superfast', 'veryfast', 'medium'], { low: [28, 27, 28], medium: [27, 25, 26], high: [24, 22, 22], ultra: [19, 18, 18] }),
  hevc: toLadder(['superfast', 'veryfast', 'medium'], { low: [29, 29, 30], medium: [27, 27, 28], high: [24, 24, 24], ultra: [18, 18, 18] }),
  av1: toLadder(['10', '8', '6'], { low: [45, 45, 46], medium: [42, 42, 43], high: [34, 34, 35], ultra: [21, 22, 23] }),
  vp9: toLadder(['5', '4', '2'], { low: [42, 42, 43], medium: [38, 38, 39], high: [32, 32, 33], ultra: [23, 23, 24] }),
} as const satisfies Record<Codec, Record<Quality, Record<Mode, Rung>>>;

type ByMode<T> = readonly [fast: T, balanced: T, high: T];

function toLadder(presets: ByMode<string>, crfs: Record<Quality, ByMode<number>>): Record<Quality, Record<Mode, Rung>> {
  const toRow = (crf: ByMode<number>) => ({
    fast: { preset: presets[0], crf: crf[0] },
    balanced: { preset: presets[1], crf: crf[1] },
    high_quality: { preset: presets[2], crf: crf[2] },
  });
  return { low: toRow(crfs.low), medium: toRow(crfs.medium), high: toRow(crfs.high), ultra: toRow(crfs.ultra) };
}
