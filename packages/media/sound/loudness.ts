/** What ebur128 found (EBU R 128 / ITU-R BS.1770). */
export interface Loudness {
  /** Null when nothing rises above the absolute gate of −70 LUFS. */
  integratedLufs: number | null;
  rangeLu: number;
  /** Null for digital silence. */
  truePeakDbtp: number | null;
}

const gateLufs = -70;
const greatestGainDb = 24;

/** Pure: reads the summary that `ebur128=peak=true:framelog=verbose` prints at the end of a verbose run. */
export function parseLoudness(stderr: string): Loudness {
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  const read = (pattern: RegExp) => Number(pattern.exec(summary)?.[1] ?? Number.NaN);
  const integrated = read(/\bI:\s+(\S+) LUFS/);
  const peak = read(/Peak:\s+(\S+) dBFS/);
  return {
    integratedLufs: integrated > gateLufs ? integrated : null,
    rangeLu: read(/LRA:\s+(\S+) LU/) || 0,
    truePeakDbtp: Number.isFinite(peak) ? peak : null,
  };
}

/** Pure: the gain that brings the measured loudness to the target; silence stays silence, and noise is not blown up. */
export function chooseGain(integratedLufs: number | null, targetLufs: number): number {
  return integratedLufs === null ? 0 : limitGain(targetLufs - integratedLufs);
}

/** Pure: no gain beyond ±24 dB. */
export function limitGain(gainDb: number): number {
  return Math.max(-greatestGainDb, Math.min(greatestGainDb, gainDb));
}

export interface Level {
  gainDb: number;
  /** Ceiling for peaks in dBTP; null where nothing comes near it. */
  limitDb: number | null;
}

/**
 * Pure: gain, then a look-ahead limiter at 192 kHz so that peaks between samples are seen. `level=0`: the limiter would
 * otherwise turn its result up again; `latency=1`: it would otherwise be 5 ms late.
 */
export function buildLevelFilter({ gainDb, limitDb }: Level, sampleRate: number): string {
  const volume = `volume=${gainDb.toFixed(3)}dB`;
  if (limitDb === null) return volume;
  const limit = (10 ** (limitDb / 20)).toFixed(5);
  return `${volume},aresample=192000,alimiter=limit=${limit}:attack=5:release=50:level=0:latency=1,aresample=${sampleRate}`;
}
