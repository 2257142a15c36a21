import type { WordSpan } from '#contracts/artifacts';
import type { Marks } from './director.ts';
import type { FillerCandidate } from './fillers.ts';

/** Marked soft fillers may go like hard ones, retakes like stutters; what holds for those holds for them. */
export function applyMarks(candidates: readonly FillerCandidate[], { fillers, retakes }: Marks): FillerCandidate[] {
  const marked = candidates
    .filter((candidate) => !retakes.some((retake) => holds(retake, candidate)))
    .map((candidate) =>
      candidate.kind === 'soft' && fillers.some((span) => holds(span, candidate)) ? { ...candidate, kind: 'filler' as const } : candidate,
    );
  return [...marked, ...retakes.map(({ first, last }) => ({ kind: 'repeat' as const, first, last }))].sort(
    (one, other) => one.first - other.first,
  );
}

const holds = (outer: WordSpan, inner: WordSpan) => outer.first <= inner.first && inner.last <= outer.last;
