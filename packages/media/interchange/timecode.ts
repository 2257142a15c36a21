import { parseRational } from '#contracts/rational';

/** How frames of a rate are written as HH:MM:SS:FF. */
export interface TimecodeRate {
  /** Frames a second as the label counts them: 30 for 29.97. */
  nominal: number;
  /** Labels skip so that they keep up with the clock; only 29.97 and 59.94 know that. */
  dropFrame: boolean;
  /** A non-integer rate without drop frame runs behind the clock; its frame counts stay exact. */
  drifts: boolean;
}

export function toTimecodeRate(fps: string): TimecodeRate {
  const { num, den } = parseRational(fps);
  const nominal = Math.max(1, Math.round(num / den));
  const dropFrame = num * 1001 === nominal * 1000 * den && (nominal === 30 || nominal === 60);
  return { nominal, dropFrame, drifts: !dropFrame && num !== nominal * den };
}

/** SMPTE label of a frame; drop frame with `;` before the frames, as 00:01:00;02. */
export function toTimecode(frame: number, rate: TimecodeRate): string {
  const label = rate.dropFrame ? frame + droppedBefore(frame, rate.nominal) : frame;
  const seconds = Math.floor(label / rate.nominal);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(pad).join(':');
  return `${parts}${rate.dropFrame ? ';' : ':'}${pad(label % rate.nominal)}`;
}

/** Labels skipped up to a frame: two (of 60: four) at every minute but each tenth. */
function droppedBefore(frame: number, nominal: number): number {
  const skip = nominal / 15;
  const perMinute = nominal * 60 - skip;
  const perTenMinutes = perMinute * 10 + skip;
  const tens = Math.floor(frame / perTenMinutes);
  const rest = frame % perTenMinutes;
  return tens * 9 * skip + (rest > skip ? skip * Math.floor((rest - skip) / perMinute) : 0);
}

const pad = (value: number) => String(value).padStart(2, '0');
