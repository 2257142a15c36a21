import { parseRational, type Rational } from '#contracts/rational';
import { gridDeviationTicks } from './gop.ts';

const standardRates = [
  '5/1',
  '8/1',
  '10/1',
  '12/1',
  '15000/1001',
  '15/1',
  '20/1',
  '24000/1001',
  '24/1',
  '25/1',
  '30000/1001',
  '30/1',
  '48/1',
  '50/1',
  '60000/1001',
  '60/1',
  '100/1',
  '120000/1001',
  '120/1',
].map(parseRational);

export interface FrameRate {
  fps: Rational;
  /** Every frame lies on the grid of `fps`, to within the rounding of the container's clock. */
  cfr: boolean;
  /** Frames shown per second on average. */
  meanFps: number;
}

/**
 * The exact rate whose grid the frames lie on. The container's own claim comes first when it is a standard rate that
 * fits, because a short clip on a millisecond clock fits 30 as well as 30000/1001. Without a fit the rate is the
 * standard one nearest to the usual distance of frames, for `fps=` to make a grid of.
 */
export function findFrameRate(pts: readonly number[], timeBase: Rational, claims: readonly (Rational | null)[]): FrameRate {
  const spanS = ((pts.at(-1)! - pts[0]!) * timeBase.num) / timeBase.den;
  const meanFps = spanS > 0 ? (pts.length - 1) / spanS : 0;
  const known = claims.filter((claim) => claim !== null);
  const fitting = [...known.filter(isStandard), ...standardRates, ...known, ...exactRate(pts, timeBase)].map((fps) => ({
    fps,
    deviation: gridDeviationTicks(pts, timeBase, fps),
    tolerance: toleranceTicks(timeBase, fps),
  }));
  const claimed = fitting.slice(0, known.filter(isStandard).length).find(fits);
  const best = claimed ?? fitting.filter(fits).sort((a, b) => a.deviation - b.deviation)[0];
  if (best && meanFps >= slowestFps) return { fps: best.fps, cfr: true, meanFps };
  return { fps: nearestStandardRate(usualFps(pts, timeBase, meanFps)), cfr: false, meanFps };
}

/** Slower footage is a series of stills, or a clock gone wrong: a grid for editing is made instead. */
const slowestFps = 0.99;

function nearestStandardRate(fps: number): Rational {
  const distance = (rate: Rational) => Math.abs(Math.log(rate.num / rate.den / fps));
  return standardRates.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best));
}

/** `"30000/1001"`, or null for ffprobe's `0/0` and anything else that is no rate. */
export function parseRate(text: string | undefined): Rational | null {
  try {
    return parseRational(text ?? '');
  } catch {
    return null;
  }
}

interface Fit {
  deviation: number;
  tolerance: number;
}
const fits = ({ deviation, tolerance }: Fit) => deviation <= tolerance + 1e-6;
const isStandard = (rate: Rational) => standardRates.some((standard) => standard.num * rate.den === rate.num * standard.den);

/** Rounding moves a time by half a tick and the first by another half; a coarse clock may not hide whole frames. */
function toleranceTicks(timeBase: Rational, fps: Rational): number {
  return Math.min(1, (0.3 * timeBase.den * fps.den) / (timeBase.num * fps.num));
}

/** The rate of equally long steps, when all are equal. */
function exactRate(pts: readonly number[], timeBase: Rational): Rational[] {
  const step = (pts[1] ?? 0) - (pts[0] ?? 0);
  return step > 0 && Number.isSafeInteger(step * timeBase.num) ? [{ num: timeBase.den, den: step * timeBase.num }] : [];
}

/**
 * The mean, unless the first quartile of the steps tells of far more: dropped frames and long stills must not slow the
 * grid down, and jitter must not speed it up.
 */
function usualFps(pts: readonly number[], timeBase: Rational, meanFps: number): number {
  const steps = pts
    .slice(1)
    .map((time, at) => time - pts[at]!)
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  const step = steps[Math.floor(steps.length / 4)] ?? timeBase.den / timeBase.num;
  const burstFps = Math.min(60, timeBase.den / (timeBase.num * step));
  return burstFps > 1.15 * meanFps ? burstFps : meanFps;
}
