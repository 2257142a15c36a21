import { expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import { toDecodeRuns } from '#media/render/decode-runs';

const source = { fps: '30/1', width: 1920, height: 1080, keyframes: Array.from({ length: 300 }, (_, index) => 30 * index) };
const range = (start_frame: number, end_frame: number): FrameRange => ({ start_frame, end_frame });
const startsOf = (keep: FrameRange[]) => toDecodeRuns(keep, source).map(({ decode_from }) => decode_from);

it('decodes anew from the key frame before a range when a second or more of whole groups lies before it', () => {
  const runs = toDecodeRuns([range(5, 50), range(70, 100), range(140, 200)], source);
  expect(runs).toEqual([{ decode_from: 0, keep: [range(5, 50), range(70, 100), range(140, 200)], frames: 135 }]);
  expect(toDecodeRuns([range(5, 50), range(80, 100), range(155, 200)], source)).toEqual([
    { decode_from: 0, keep: [range(5, 50), range(80, 100)], frames: 65 },
    { decode_from: 150, keep: [range(155, 200)], frames: 45 },
  ]);
});

it('keeps every range once and in order, whatever the gaps are', () => {
  const keep = Array.from({ length: 40 }, (_, index) => range(70 * index + ((7 * index) % 31), 70 * index + 31 + ((11 * index) % 23)));
  expect(toDecodeRuns(keep, source).flatMap((run) => run.keep)).toEqual(keep);
});

it('opens eight places at most, fewer of large pictures, at the longest gaps', () => {
  const starts = Array.from({ length: 12 }, (_, index) => 30 * (index * (index + 5))); // each gap is longer than the one before
  const keep = starts.map((start) => range(start, start + 60));
  expect(startsOf(keep)).toEqual([0, ...starts.slice(-7)]);
  expect(toDecodeRuns(keep, { ...source, width: 3840, height: 2160 })).toHaveLength(3);
});

it('never decodes a handful of frames alone', () => {
  expect(startsOf([range(0, 100), range(600, 610)])).toEqual([0]);
  expect(startsOf([range(0, 10), range(600, 700)])).toEqual([0]);
  expect(toDecodeRuns([range(0, 100), range(300, 310), range(600, 700)], source)[1]?.keep).toEqual([range(300, 310), range(600, 700)]);
});
