import type { AudioSignals } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';

type Choice = EditPlan['audio']['denoise'];

/** Above these estimates every method harms more than it helps; the estimate reads 1–7 dB above the true ratio. */
const cleanSnrDb = 28;
const rumbleSnrDb = 34;
const leastRumbleDb = 2;
const steadySpreadDb = 4;
const profileFromSnrDb = 12;

/** Estimated dB → share of the RNNoise output in the mix; between the points linear. */
const wetBySnr: readonly [number, number][] = [
  [3, 1],
  [8, 0.9],
  [13, 0.75],
  [18, 0.25],
  [23, 0],
];

/** Pure: which denoiser the measured noise calls for; `none` is the right answer for clean speech. */
export function chooseDenoise(noise: AudioSignals['noise']): Choice {
  const estimated = noise.estimated_snr_db;
  const choose = (method: Choice['method'], wet: number): Choice => ({ method, wet, estimated_snr_db: estimated });
  if (estimated === null || estimated >= rumbleSnrDb) return choose('none', 0);
  if (estimated >= cleanSnrDb) return noise.rumble_db >= leastRumbleDb ? choose('highpass', 1) : choose('none', 0);
  const isSteady = noise.spread_db !== null && noise.spread_db <= steadySpreadDb;
  if (isSteady && estimated >= profileFromSnrDb) return choose('profile', 1);
  const wet = interpolate(wetBySnr, estimated);
  if (wet > 0) return choose('rnnoise', wet);
  return noise.rumble_db >= leastRumbleDb ? choose('highpass', 1) : choose('none', 0);
}

function interpolate(points: readonly [number, number][], at: number): number {
  const above = points.findIndex(([snr]) => snr >= at);
  if (above === 0) return points[0]![1];
  if (above < 0) return points.at(-1)![1];
  const [lowSnr, lowWet] = points[above - 1]!;
  const [highSnr, highWet] = points[above]!;
  return lowWet + ((at - lowSnr) / (highSnr - lowSnr)) * (highWet - lowWet);
}
