import type { FrameRange } from '#contracts/plan';
import type { SmartSpan } from '#contracts/render-specs';
import { countFrames } from '../render/pieces.ts';
import { findKeyFrame } from '../source/frame-time.ts';

export interface SpanContext {
  /** All key frames: decoding begins at any of them. */
  keyframes: readonly number[];
  /** Those at which a copy may begin, and the end of the video. */
  anchors: readonly number[];
  reorderFrames: number;
}

type Run = FrameRange & { how: SmartSpan['how'] };

/** Share of the work of a frame that is decoded and dropped, against one that is encoded too. */
const decodeShare = 0.25;
/** Reading and writing a copied frame, as auto-editor counts it. */
const copyShare = 1 / 32;
/** To open a source once more and find its pictures costs as much as to decode so many. */
const fewestSkipped = 16;
/** What further processes cost, in encoded frames. */
const fixedFrames = 20;

/**
 * The kept frames of a piece in order, as runs that are copied (from a closed group's first frame to a closed group's
 * end) and runs that are encoded. Null when copying would not pay.
 */
export function planSpans(keep: readonly FrameRange[], context: SpanContext): SmartSpan[] | null {
  const runs = absorbShort(
    keep.flatMap((range) => splitRange(range, context.anchors)),
    context,
  );
  const spans = runs.map((run) => ({ ...run, decode_from: decodeFrom(run, context) }));
  return isWorthwhile(spans, keep, context) ? spans : null;
}

/** The same frames, all encoded in one go. */
export function encodeSpans(keep: readonly FrameRange[], keyframes: readonly number[]): SmartSpan[] {
  return keep.map((range) => ({ ...range, how: 'encode', decode_from: findKeyFrame(keyframes, range.start_frame) }));
}

/** Encoded spans that one decode serves: to decode the few frames between them costs no more than to begin anew. */
export function groupByDecode(spans: readonly SmartSpan[]): SmartSpan[][] {
  const groups: SmartSpan[][] = [];
  for (const span of spans.filter(({ how }) => how === 'encode')) {
    const last = groups.at(-1);
    if (last && span.decode_from <= last.at(-1)!.end_frame + fewestSkipped) last.push(span);
    else groups.push([span]);
  }
  return groups;
}

function decodeFrom({ how, start_frame, end_frame }: Run, { keyframes, anchors }: SpanContext): number {
  return how === 'copy' ? anchors.findLast((anchor) => anchor < end_frame)! : findKeyFrame(keyframes, start_frame);
}

function splitRange({ start_frame, end_frame }: FrameRange, anchors: readonly number[]): Run[] {
  const first = anchors.find((anchor) => anchor >= start_frame) ?? end_frame;
  const last = anchors.findLast((anchor) => anchor <= end_frame) ?? start_frame;
  if (first >= last) return [{ start_frame, end_frame, how: 'encode' }];
  const runs: Run[] = [
    { start_frame, end_frame: first, how: 'encode' },
    { start_frame: first, end_frame: last, how: 'copy' },
    { start_frame: last, end_frame, how: 'encode' },
  ];
  return runs.filter((run) => run.start_frame < run.end_frame);
}

/**
 * An encoded stretch no longer than the reorder depth has no delay of its own, which breaks the order of decode times: it
 * takes the nearest copied group with it.
 */
function absorbShort(runs: readonly Run[], { anchors, reorderFrames }: Pick<SpanContext, 'anchors' | 'reorderFrames'>): Run[] {
  const short = findStretches(runs).find(({ frames, from, to }) => frames <= reorderFrames && (from > 0 || to < runs.length));
  if (short === undefined) return [...runs];
  const before = runs[short.from - 1];
  const after = runs[short.to];
  const groupBefore = before && before.end_frame - anchors.findLast((anchor) => anchor < before.end_frame)!;
  const groupAfter = after && anchors.find((anchor) => anchor > after.start_frame)! - after.start_frame;
  const takesBefore = groupAfter === undefined || (groupBefore !== undefined && groupBefore <= groupAfter);
  const at = takesBefore ? short.from - 1 : short.to;
  const edge = takesBefore ? before!.end_frame - groupBefore! : after!.start_frame + groupAfter;
  const changed = [...runs.slice(0, at), ...splitAt(runs[at]!, edge, takesBefore), ...runs.slice(at + 1)];
  return absorbShort(joinEncoded(changed), { anchors, reorderFrames });
}

/** The part of a copied run on the short stretch's side becomes encoded. */
function splitAt({ start_frame, end_frame }: Run, edge: number, tail: boolean): Run[] {
  const parts: Run[] = [
    { start_frame, end_frame: edge, how: tail ? 'copy' : 'encode' },
    { start_frame: edge, end_frame, how: tail ? 'encode' : 'copy' },
  ];
  return parts.filter((part) => part.start_frame < part.end_frame);
}

function joinEncoded(runs: readonly Run[]): Run[] {
  const joined: Run[] = [];
  for (const run of runs) {
    const last = joined.at(-1);
    if (last?.how === 'encode' && run.how === 'encode' && last.end_frame === run.start_frame) {
      joined[joined.length - 1] = { ...last, end_frame: run.end_frame };
    } else joined.push(run);
  }
  return joined;
}

/** Neighbouring encoded runs, as half-open ranges of indices. */
function findStretches(runs: readonly Run[]): { from: number; to: number; frames: number }[] {
  const stretches: { from: number; to: number; frames: number }[] = [];
  for (const [index, run] of runs.entries()) {
    if (run.how === 'copy') continue;
    const last = stretches.at(-1);
    const frames = run.end_frame - run.start_frame;
    if (last?.to === index) Object.assign(last, { to: index + 1, frames: last.frames + frames });
    else stretches.push({ from: index, to: index + 1, frames });
  }
  return stretches;
}

/** auto-editor's rule, with what a decode costs in place of its whole groups. */
function isWorthwhile(spans: readonly SmartSpan[], keep: readonly FrameRange[], { keyframes }: SpanContext): boolean {
  const encoded = countFrames(spans.filter(({ how }) => how === 'encode'));
  const total = countFrames(keep);
  const dropped = groupByDecode(spans).reduce(
    (sum, group) => sum + group.at(-1)!.end_frame - group[0]!.decode_from - countFrames(group),
    0,
  );
  const droppedAtAll = keep.at(-1)!.end_frame - findKeyFrame(keyframes, keep[0]!.start_frame) - total;
  const cost = encoded + decodeShare * dropped + copyShare * (total - encoded) + fixedFrames;
  return encoded < total && cost < total + decodeShare * droppedAtAll;
}
