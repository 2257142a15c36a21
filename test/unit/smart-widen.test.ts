import { expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import type { Match } from '#contracts/render-specs';
import { widenSegments } from '#media/smart/widen';
import { videoFacts } from '../helpers/video-facts.ts';

const match: Match = {
  encoder: 'libx264',
  profile: 'high',
  pix_fmt: 'yuv420p',
  reorder_frames: 2,
  color: { space: 'bt709', transfer: 'bt709', primaries: 'bt709' },
  full_range: false,
};
const frames = 16 * 600;
const everySecond = Array.from({ length: frames / 30 }, (_, index) => index * 30);
/** Sixteen segments of 20 s. */
const segments = Array.from({ length: 16 }, (_, index) => range(index * 600, (index + 1) * 600));
const [first, second, third, fourth] = [range(0, 2400), range(2400, 4800), range(4800, 7200), range(7200, 9600)];

it('four neighbouring segments are one piece where most of what is kept is copied', () => {
  expect(widen([range(0, 4000), range(4100, 9000)])).toEqual([first, second, third, fourth]);
});

it('where much is encoded each segment keeps its own, and no other group hears of it', () => {
  const choppy = Array.from({ length: 40 }, (_, index) => range(2400 + index * 60 + 5, 2400 + index * 60 + 55));
  expect(widen([range(0, 2300), ...choppy, range(4850, 9600)])).toEqual([first, ...segments.slice(4, 8), third, fourth]);
});

it('where too many stretches would have to be decoded at once fewer segments come together', () => {
  const short = Array.from({ length: 18 }, (_, index) => range(index * 130 + 20, index * 130 + 120));
  expect(widen([...short, range(2410, 9590)])).toEqual([range(0, 1200), range(1200, 2400), second, third, fourth]);
});

it('a group of which nothing is kept stays as it is', () => {
  expect(widen([range(10, 2300), range(4810, 9600)])).toEqual([first, ...segments.slice(4, 8), third, fourth]);
});

it('all is one piece where nothing is cut', () => {
  expect(widen([range(0, frames)])).toEqual([range(0, frames)]);
});

it('short footage keeps its segments: there are no more of them than there may be cores', () => {
  const video = videoFacts({ frames: 3600, keyframes: everySecond.slice(0, 120) });
  expect(widenSegments(segments.slice(0, 6), { keep: [range(10, 3600)], match, video })).toEqual(segments.slice(0, 6));
});

function widen(keep: FrameRange[]): FrameRange[] {
  return widenSegments(segments, { keep, match, video: videoFacts({ frames, keyframes: everySecond }) });
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
