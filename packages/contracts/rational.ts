/** A rate or time base, exact: 30000/1001 is not 29.97. */
export interface Rational {
  num: number;
  den: number;
}

/** `"30000/1001"` → numbers, both positive. Throws RangeError on anything else: rates come from our own artifacts. */
export function parseRational(text: string): Rational {
  const [num, den] = text.split('/').map(Number);
  if (!(Number.isSafeInteger(num) && Number.isSafeInteger(den) && num! > 0 && den! > 0)) throw new RangeError(`not a rate: ${text}`);
  return { num: num!, den: den! };
}

/** Frames per second of a rate such as `"30000/1001"`. */
export function toFps(rate: string): number {
  const { num, den } = parseRational(rate);
  return num / den;
}
