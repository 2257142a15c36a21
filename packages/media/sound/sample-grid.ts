import { parseRational } from '#contracts/rational';

/** Pure: the sample at which frame `frame` begins: S(f) = round(f · sampleRate · den / num), always from the absolute frame number. */
export function sampleAt(frame: number, { sampleRate, fps }: { sampleRate: number; fps: string }): number {
  const { num, den } = parseRational(fps);
  return Math.round((frame * sampleRate * den) / num);
}
