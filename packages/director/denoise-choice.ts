import type { AudioSignals } from '#contracts/artifacts';
import type { EditPlan } from '#contracts/plan';

type Choice = EditPlan['audio']['denoise'];

/** Above these estimates every method harms more than it helps. The estimate reads 2–10 dB above the true ratio. */
const cleanSnrDb = 28;
const rumbleSnrDb = 34;
const leastRumbleDb = 2;
/** White and pink hiss measured 1.0–2.6 dB, rain, streets and rooms 3.2 and more. */
const steadySpreadDb = 2.7;
/** Below, RNNoise wins on hiss as well. */
const profileFromSnrDb = 12.5;
/** Less would change nothing that can be heard. */
const leastWet = 0.1;

/**
 * Estimated dB → share of the RNNoise output; between the points linear. The best share per estimate over three voices and
 * eight noises, drawn low enough that no mix was harmed.
 */
const wetBySnr: readonly [number, number][] = [
  [8, 0.9],
  [11, 0.75],
  [17, 0.48],
  [20, 0.22],
  [24, 0.1],
  [26, 0],
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
  if (wet >= leastWet) return choose('rnnoise', wet);
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
