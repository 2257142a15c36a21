import type { Concept } from '#contracts/concepts';
import type { Overlay, ThemeChoice } from '#contracts/overlays';
import type { FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { toDrawing } from './concepts/to-drawing.ts';
import { buildEditMap, type EditMap, toOutputFrame } from './edit-map.ts';

export interface OverlayContext {
  keep: readonly FrameRange[];
  /** First frames of scenes. */
  scenes: readonly number[];
  fps: string;
  choice: ThemeChoice;
}

/** Starting values of the design, in seconds of output. */
const leadS = 0.2;
const shortestS = 2.5;
const longestS = 5;
const apartS = 12;
const quietStartS = 3;
/** A name may come up a little after it was said; anything else comes with its words. */
const lateS = { title: 4, other: 0.5 };

/** What says most in a picture wins when two are too near to each other. */
const weights: Record<Concept['kind'], number> = { compare: 6, trend: 6, list: 5, title: 5, stat: 4, quote: 3, definition: 3 };

/**
 * Where grounded concepts are drawn: from 0.2 s before the phrase, 2.5–5 s, at most one in 12 s, none in the first 3 s,
 * none across a cut or a change of scene. Sorted, disjoint, in source frames.
 */
export function planOverlays(concepts: readonly Concept[], context: OverlayContext): Overlay[] {
  const map = buildEditMap(context.keep);
  const byWeight = [...concepts].sort((one, other) => weights[other.kind] - weights[one.kind] || one.start_s - other.start_s);
  const placed: Overlay[] = [];
  const apart = apartS * toFps(context.fps);
  for (const concept of byWeight) {
    const range = findRange(concept, { ...context, map });
    const drawing = range === null ? null : toDrawing(concept, context.choice);
    if (range === null || drawing === null) continue;
    const at = toOutputFrame(map, range.start_frame)!;
    const crowded = placed.some(({ start_frame }) => Math.abs(toOutputFrame(map, start_frame)! - at) < apart);
    if (!crowded) placed.push({ ...range, ...drawing, source_text: concept.words.join(' ').slice(0, 2_000) });
  }
  return placed.sort((one, other) => one.start_frame - other.start_frame);
}

/** The frames a concept may be shown on; null when there are too few. */
function findRange(concept: Concept, { keep, scenes, fps, map }: OverlayContext & { map: EditMap }): FrameRange | null {
  const rate = toFps(fps);
  const wanted = Math.max(0, Math.round((concept.start_s - leadS) * rate));
  const latest = Math.round((concept.start_s + (concept.kind === 'title' ? lateS.title : lateS.other)) * rate);
  for (const shot of splitShots(keep, scenes)) {
    const index = keep.findIndex(({ end_frame }) => end_frame > shot.start_frame);
    const quiet = Math.ceil(quietStartS * rate) - map.starts[index]! + keep[index]!.start_frame;
    const start_frame = Math.max(wanted, shot.start_frame, quiet);
    const end_frame = Math.min(shot.end_frame, start_frame + Math.round(lengthOf(concept) * rate));
    if (start_frame <= latest && end_frame - start_frame >= Math.ceil(shortestS * rate)) return { start_frame, end_frame };
  }
  return null;
}

/** Kept ranges, parted where the scene changes. */
function splitShots(keep: readonly FrameRange[], scenes: readonly number[]): FrameRange[] {
  return keep.flatMap(({ start_frame, end_frame }) => {
    const inside = scenes.filter((scene) => scene > start_frame && scene < end_frame);
    const edges = [start_frame, ...inside, end_frame];
    return edges.slice(1).map((edge, index) => ({ start_frame: edges[index]!, end_frame: edge }));
  });
}

/** As long as it is said, and long enough to be read. */
function lengthOf({ start_s, end_s, phrase, labels }: Concept): number {
  const words = [phrase, ...labels].join(' ').split(' ').length;
  return Math.min(longestS, Math.max(shortestS, end_s - start_s + 2 * leadS, 1.2 + 0.25 * words));
}
