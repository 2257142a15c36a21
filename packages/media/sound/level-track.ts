import type { MediaTools, RunOptions } from '../ffmpeg.ts';
import { type EncodedTrack, encodeTrack } from './encode-track.ts';
import { findGain, foretell, peakDbOf } from './forecast.ts';
import type { TrackLevels } from './level-meter.ts';
import type { Level, Loudness } from './loudness.ts';
import type { RawTrack } from './raw-track.ts';

export interface LevelWish {
  /** Null: only `gainDb` is applied. */
  targetLufs: number | null;
  gainDb: number | null;
}

/** AAC adds up to 1 dB between samples. */
const firstLimitDb = -2;
const truePeakDbtp = -1;
/** How far a peak between samples may stand above them before a limiter is there for it. */
const betweenDb = 1.5;
const marginDb = 0.1;
const toleranceLu = 0.2;
const untouched: Level = { gainDb: 0, limitDb: null };

/**
 * AAC in MP4 at the wished loudness. What gain and limiter will do is foretold, so that one encode is enough as a rule; the
 * result is measured as a listener decodes it, corrected once, and turned down as a whole if a peak is still too high.
 */
export async function levelTrack(
  track: RawTrack,
  wish: LevelWish,
  tools: Pick<MediaTools, 'run'>,
  options: Pick<RunOptions, 'cwd' | 'signal'>,
): Promise<EncodedTrack> {
  const encode = (level: Level) => encodeTrack(track, level, tools, options);
  const level = firstLevel(track.levels, wish);
  const first = await encode(level ?? untouched);
  const better = level && correct(first, track.levels, wish.targetLufs);
  if (better === null) return first;
  const second = await encode(better);
  const excess = excessOf(second.after);
  return excess > 0 ? encode(turnDown(second.level, excess + marginDb)) : second;
}

/** Pure: the level to begin with, a limiter only where peaks would come near the ceiling; null for what is to be left alone. */
export function firstLevel(levels: TrackLevels, { targetLufs, gainDb }: LevelWish): Level | null {
  if (foretell(levels, untouched) === null) return null;
  const plainDb = targetLufs === null ? gainDb : findGain(levels, { targetLufs, limitDb: null });
  if (plainDb === null) return null;
  const isNear = (peakDbOf(levels) ?? 0) + plainDb + betweenDb > firstLimitDb;
  if (!isNear) return { gainDb: plainDb, limitDb: null };
  return { gainDb: targetLufs === null ? plainDb : findGain(levels, { targetLufs, limitDb: firstLimitDb }), limitDb: firstLimitDb };
}

/** Pure: a lower ceiling, and a gain that makes up for what AAC and the forecast changed; null when nothing would be better. */
export function correct({ after, level }: Measured, levels: TrackLevels, targetLufs: number | null): Level | null {
  const excess = excessOf(after);
  const errorLu = targetLufs === null || after.integratedLufs === null ? 0 : targetLufs - after.integratedLufs;
  if (excess <= 0 && Math.abs(errorLu) <= toleranceLu) return null;
  const limitDb = excess > 0 ? (level.limitDb ?? firstLimitDb) - excess - marginDb : level.limitDb;
  if (targetLufs === null || after.integratedLufs === null) return { ...level, limitDb };
  const missedLu = (foretell(levels, level) ?? after.integratedLufs) - after.integratedLufs;
  const gainDb = findGain(levels, { targetLufs: targetLufs + missedLu, limitDb });
  return gainDb === level.gainDb && limitDb === level.limitDb ? null : { gainDb, limitDb };
}

type Measured = Pick<EncodedTrack, 'after' | 'level'>;

const excessOf = (loudness: Loudness) => (loudness.truePeakDbtp ?? truePeakDbtp) - truePeakDbtp;

/** The same waveform, only softer: the one correction whose effect on the decoded peak is certain. */
const turnDown = ({ gainDb, limitDb }: Level, byDb: number): Level => ({
  gainDb: gainDb - byDb,
  limitDb: limitDb === null ? null : limitDb - byDb,
});
