import type { Cut } from '#contracts/plan';
import type { JudgedFiller } from './judge-fillers.ts';

export interface Grid {
  fps: number;
  frames: number;
}

const epsilon = 1e-6;

/**
 * The frames of a filler. Its cut reaches out to the next frame edge while that lies in the quiet beside the word, so
 * that nothing of it stays; otherwise inward, so that the neighbour stays whole. Null when no frame is left.
 */
export function toFillerCut(filler: JudgedFiller, { fps, frames }: Grid): Cut | null {
  const early = Math.floor(filler.start_s * fps + epsilon);
  const late = Math.ceil(filler.end_s * fps - epsilon);
  const start = early >= filler.free.start_s * fps - epsilon ? early : Math.ceil(filler.start_s * fps - epsilon);
  const end = late <= filler.free.end_s * fps + epsilon ? late : Math.floor(filler.end_s * fps + epsilon);
  const range = { start_frame: Math.max(0, start), end_frame: Math.min(frames, end) };
  if (range.end_frame <= range.start_frame) return null;
  return {
    ...range,
    reason: filler.kind === 'repeat' ? 'repeat' : 'filler',
    text: filler.text.slice(0, 500),
    ...(filler.doubt !== null && { note: filler.doubt }),
    confidence: filler.confidence,
  };
}
