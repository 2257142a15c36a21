/** What ebur128 found (EBU R 128 / ITU-R BS.1770). */
export interface Loudness {
  /** Null when nothing rises above the absolute gate of −70 LUFS. */
  integratedLufs: number | null;
  rangeLu: number;
  /** Null for digital silence. */
  truePeakDbtp: number | null;
}

/** Absolute gate of BS.1770. */
export const gateLufs = -70;
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

/** Pure: no gain beyond ±24 dB. */
export function limitGain(gainDb: number): number {
  return Math.max(-greatestGainDb, Math.min(greatestGainDb, gainDb));
}

export interface Level {
  gainDb: number;
  /** Ceiling for peaks in dBTP; null where nothing comes near it. */
  limitDb: number | null;
}
