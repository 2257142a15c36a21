import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import type { SmartSpan } from '#contracts/render-specs';
import { toParts } from '#media/smart/parts';
import { groupByDecode, planSpans } from '#media/smart/spans';
import { framesOf } from '../helpers/specs.ts';

const range = (start_frame: number, end_frame: number): FrameRange => ({ start_frame, end_frame });
const span = (how: SmartSpan['how'], start_frame: number, end_frame: number, decode_from = start_frame): SmartSpan => ({
  how,
  start_frame,
  end_frame,
  decode_from,
});

describe('the spans of a piece', () => {
  it('copy whole closed groups and encode what is left of the ranges, decoding from the key frame before', () => {
    expect(plan([range(50, 400), range(430, 700)])).toEqual([
      span('encode', 50, 60, 0),
      span('copy', 60, 360, 300),
      span('encode', 360, 400, 360),
      span('encode', 430, 480, 420),
      span('copy', 480, 660, 600),
      span('encode', 660, 700, 660),
    ]);
  });

  it('copy to the end of the video, whose last group nothing follows', () => {
    expect(plan([range(0, 750)], { frames: 750 })).toEqual([span('copy', 0, 750, 720)]);
  });

  it('neither begin nor end a copy at an open group, but copy over one', () => {
    expect(plan([range(10, 700)], { open: [60, 300, 660] })!.filter(({ how }) => how === 'copy')).toEqual([span('copy', 120, 600, 540)]);
  });

  it('take the smaller neighbouring group into an encoded stretch that is no longer than the reorder depth', () => {
    expect(plan([range(58, 400)])!.slice(0, 2)).toEqual([span('encode', 58, 120, 0), span('copy', 120, 360, 300)]);
    expect(plan([range(0, 302)], { keys: [0, 240, 300] })).toEqual([span('copy', 0, 240), span('encode', 240, 302)]);
  });

  it('are none when copying would cost more than it saves', () => {
    expect(plan([range(50, 85)], { keys: every(20, 3600) })).toBeNull();
    expect(plan([range(50, 110)])).toBeNull();
    expect(plan([range(61, 119)])).toBeNull();
  });

  it('cover the kept frames once and in order, copies from closed key frame to closed key frame, no stretch too short', () => {
    fc.assert(
      fc.property(footage(), edits(), fc.integer({ min: 0, max: 2 }), ({ keyframes, open, frames }, keep, reorderFrames) => {
        const anchors = [...keyframes.filter((key) => !open.includes(key)), frames];
        const inside = keep.filter(({ end_frame }) => end_frame <= frames);
        fc.pre(inside.length > 0);
        const spans = planSpans(inside, { keyframes, anchors, reorderFrames });
        if (spans === null) return;
        expect(framesOf(spans)).toEqual(framesOf(inside));
        for (const { how, start_frame, end_frame, decode_from } of spans) {
          expect(start_frame).toBeLessThan(end_frame);
          expect(keyframes).toContain(decode_from);
          if (how === 'copy') expect(anchors).toEqual(expect.arrayContaining([start_frame, end_frame]));
        }
        const encoded = toParts(spans).filter(({ how }) => how === 'encode');
        expect(Math.min(...encoded.map((part) => part.frames), 1000)).toBeGreaterThan(reorderFrames);
      }),
    );
  });
});

describe('the parts of a piece', () => {
  it('are copied runs one by one, and what is encoded between two of them, counted on the encode', () => {
    const spans = [
      span('encode', 50, 60),
      span('copy', 60, 120),
      span('encode', 120, 130),
      span('encode', 200, 205),
      span('copy', 240, 300),
    ];
    expect(toParts(spans)).toEqual([
      { how: 'encode', frames: 10, startFrame: 0, tailFrames: null },
      { how: 'copy', frames: 60, startFrame: 60, tailFrames: 60 },
      { how: 'encode', frames: 15, startFrame: 10, tailFrames: null },
      { how: 'copy', frames: 60, startFrame: 240, tailFrames: 60 },
    ]);
  });

  it('are decoded together where fewer frames lie between them than it costs to begin anew', () => {
    const spans = [
      span('encode', 50, 60, 0),
      span('encode', 70, 80, 60),
      span('encode', 100, 110, 96),
      span('encode', 200, 205, 180),
      span('copy', 240, 300),
    ];
    expect(groupByDecode(spans).map((group) => group.map(({ start_frame }) => start_frame))).toEqual([[50, 70, 100], [200]]);
  });
});

interface Footage {
  frames?: number;
  keys?: number[];
  open?: number[];
}

/** A key frame every 60 frames and two pictures held back, with some of it changed. */
function plan(keep: FrameRange[], { frames = 3600, keys = every(60, 3600), open = [] }: Footage = {}): SmartSpan[] | null {
  const keyframes = keys.filter((key) => key < frames);
  return planSpans(keep, { keyframes, anchors: [...keyframes.filter((key) => !open.includes(key)), frames], reorderFrames: 2 });
}

function every(step: number, frames: number): number[] {
  return Array.from({ length: Math.ceil(frames / step) }, (_, index) => index * step);
}

function footage(): fc.Arbitrary<{ keyframes: number[]; open: number[]; frames: number }> {
  const gops = fc.array(fc.record({ length: fc.integer({ min: 1, max: 90 }), isOpen: fc.boolean() }), { minLength: 1, maxLength: 40 });
  return gops.map((groups) => {
    let frames = 0;
    const keys = groups.map(({ length, isOpen }, index) => {
      const key = { frame: frames, isOpen: isOpen && index > 0 };
      frames += length;
      return key;
    });
    return { keyframes: keys.map(({ frame }) => frame), open: keys.filter((key) => key.isOpen).map(({ frame }) => frame), frames };
  });
}

function edits(): fc.Arbitrary<FrameRange[]> {
  return fc
    .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 12 })
    .map((pairs) => {
      let at = -1;
      return pairs.map(([gap, length]) => {
        const start = at + gap;
        at = start + length;
        return range(start, at);
      });
    });
}
