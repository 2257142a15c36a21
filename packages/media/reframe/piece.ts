import type { CameraSpan, FrameRange } from '#contracts/plan';
import type { Reframe } from '#contracts/render-specs';

type PieceSpan = Reframe['spans'][number];

/**
 * A camera on source frames → the same camera on the frames of a piece that shows `keep`, every frame covered once.
 * Where the camera says nothing it stands as before; where it says nothing at all, the whole picture is shown.
 */
export function toPieceSpans(camera: readonly CameraSpan[], keep: readonly FrameRange[]): PieceSpan[] {
  const whole = fillGaps(camera);
  let position = 0;
  return keep.flatMap((range) => {
    const shift = position - range.start_frame;
    position += range.end_frame - range.start_frame;
    return whole.flatMap((span) => {
      const start_frame = Math.max(span.start_frame, range.start_frame);
      const end_frame = Math.min(span.end_frame, range.end_frame);
      if (start_frame >= end_frame) return [];
      const move = { start_frame: shiftBy(span.start_frame, shift), end_frame: shiftBy(span.end_frame, shift) };
      return [{ ...span, start_frame: start_frame + shift, end_frame: end_frame + shift, move: isStill(span) ? still : move }];
    });
  });
}

const forever = Number.MAX_SAFE_INTEGER;
/** Equal stands are equal wherever they lie, so that a piece's identity does not depend on what it does not show. */
const still = { start_frame: 0, end_frame: 1 };
const isStill = (span: CameraSpan) => span.from_x === span.to_x;
const shiftBy = (frame: number, shift: number) => (frame === forever ? forever : frame + shift);

function fillGaps(camera: readonly CameraSpan[]): CameraSpan[] {
  const first = camera[0];
  if (first === undefined) return [{ start_frame: 0, end_frame: forever, layout: 'general', from_x: 0.5, to_x: 0.5 }];
  const ends = camera.map((span, index) => {
    const next = camera[index + 1]?.start_frame ?? forever;
    return { ...span, start_frame: span.end_frame, end_frame: next, from_x: span.to_x };
  });
  const before = { ...first, start_frame: 0, end_frame: first.start_frame, to_x: first.from_x };
  return [before, ...camera.flatMap((span, index) => [span, ends[index]!])].filter((span) => span.start_frame < span.end_frame);
}
