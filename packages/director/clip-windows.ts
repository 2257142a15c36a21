import { type ClipMaterial, type ClipUnit, restS } from './clip-material.ts';

/** A possible clip: whole units `first` to `last`, on frames of the output, with the rests it may have around them. */
export interface ClipWindow {
  first: number;
  last: number;
  startFrame: number;
  endFrame: number;
}

export const clipLimitsS = { shortest: 15, longest: 60 } as const;
/** Clips of a video whose owner named no number: one for each minute, as many as anybody looks through. */
export const autoCount = (durationS: number): number => Math.min(8, Math.max(1, Math.round(durationS / 60)));
const longestLeadS = 0.35;
const longestTailS = 0.45;
const epsilon = 1e-6;

/** Every run of whole units that is long enough, short enough, and lies between two rests. Pure. */
export function findWindows(units: readonly ClipUnit[], material: Pick<ClipMaterial, 'fps' | 'durationS' | 'spoken'>): ClipWindow[] {
  const rests = toRests(units, material);
  return units.flatMap((unit, first) => {
    const windows: ClipWindow[] = [];
    for (let last = first; last < units.length && units[last]!.endS - unit.startS <= clipLimitsS.longest; last++) {
      const window = toWindow({ units, rests, first, last, material });
      if (window !== null && isLongEnough(window, material.fps)) windows.push(window);
    }
    return windows;
  });
}

interface Span {
  units: readonly ClipUnit[];
  /** Seconds of rest before each unit, and after the last. */
  rests: readonly number[];
  first: number;
  last: number;
  material: Pick<ClipMaterial, 'fps' | 'durationS' | 'spoken'>;
}

/** At most half of a rest belongs to the clip beside it. The edges of the edit itself need none. */
function toWindow({ units, rests, first, last, material }: Span): ClipWindow | null {
  const { fps, durationS, spoken } = material;
  const [before, after] = [rests[first]!, rests[last + 1]!];
  const isOpen = (rest: number, atEdge: boolean) => !spoken || atEdge || rest >= restS - epsilon;
  if (!isOpen(before, first === 0) || !isOpen(after, last === units.length - 1)) return null;
  const [startS, endS] = [units[first]!.startS, units[last]!.endS];
  const startFrame = Math.ceil((startS - Math.min(longestLeadS, before / 2)) * fps - epsilon);
  const endFrame = Math.floor((endS + Math.min(longestTailS, after / 2)) * fps + epsilon);
  return {
    first,
    last,
    startFrame: Math.max(0, Math.min(startFrame, Math.floor(startS * fps + epsilon))),
    endFrame: Math.min(Math.round(durationS * fps), Math.max(endFrame, Math.ceil(endS * fps - epsilon))),
  };
}

function toRests(units: readonly ClipUnit[], { durationS }: Pick<ClipMaterial, 'durationS'>): number[] {
  const ends = [0, ...units.map(({ endS }) => endS)];
  const starts = [...units.map(({ startS }) => startS), durationS];
  return starts.map((start, index) => Math.max(0, start - ends[index]!));
}

function isLongEnough({ startFrame, endFrame }: ClipWindow, fps: number): boolean {
  const lengthS = (endFrame - startFrame) / fps;
  return lengthS >= clipLimitsS.shortest - epsilon && lengthS <= clipLimitsS.longest + epsilon;
}
