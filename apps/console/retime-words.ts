import type { FrameRange, PlanWord } from '#contracts/plan';

interface Retiming {
  before: readonly FrameRange[];
  after: readonly FrameRange[];
  fps: number;
  /** In source time: words that the plan had cut. */
  restored: readonly PlanWord[];
}

interface Stretch {
  /** In seconds of the source and of the output. */
  sourceS: number;
  outputS: number;
  lengthS: number;
}

/** A word shorter than this cannot be read. */
const shortestS = 0.001;

/** Pure: caption words of one edit, in its own time, as words of another edit of the same footage. What is cut says nothing. */
export function retimeWords(words: readonly PlanWord[], { before, after, fps, restored }: Retiming): PlanWord[] {
  const from = toStretches(before, fps);
  const to = toStretches(after, fps);
  const inSource = words.map((word) => ({
    ...word,
    start_s: map(from, word.start_s, 'outputS', 'sourceS'),
    // A word that ends with its stretch ends before the cut, not behind it.
    end_s: map(from, Math.max(word.start_s, word.end_s - 1e-9), 'outputS', 'sourceS') + 1e-9,
  }));
  const moved = [...inSource, ...restored]
    .toSorted((one, other) => one.start_s - other.start_s)
    .map((word) => ({ ...word, start_s: map(to, word.start_s, 'sourceS', 'outputS'), end_s: map(to, word.end_s, 'sourceS', 'outputS') }));
  return toDisjoint(moved);
}

function toStretches(keep: readonly FrameRange[], fps: number): Stretch[] {
  let frames = 0;
  return keep.map(({ start_frame, end_frame }) => {
    const outputS = frames / fps;
    frames += end_frame - start_frame;
    return { sourceS: start_frame / fps, outputS, lengthS: (end_frame - start_frame) / fps };
  });
}

/** Continuous and never falling: what lies between two stretches becomes their join. */
function map(stretches: readonly Stretch[], atS: number, from: 'sourceS' | 'outputS', to: 'sourceS' | 'outputS'): number {
  let [low, high] = [0, stretches.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stretches[middle]?.[from] ?? 0) <= atS) low = middle + 1;
    else high = middle;
  }
  const stretch = stretches[low - 1];
  if (!stretch) return 0;
  return stretch[to] + Math.min(atS - stretch[from], stretch.lengthS);
}

function toDisjoint(words: readonly PlanWord[]): PlanWord[] {
  const result: PlanWord[] = [];
  for (const word of words) {
    const start_s = Math.max(word.start_s, result.at(-1)?.end_s ?? 0);
    if (word.end_s - start_s >= shortestS) result.push({ ...word, start_s });
  }
  return result;
}
