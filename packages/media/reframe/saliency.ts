import type { Subjects } from '#contracts/artifacts';

/** Size of the pictures looked at, 3 bytes a pixel. */
export const lookWidth = 64;
export const lookHeight = 36;
export const lookBytes = lookWidth * lookHeight * 3;

type Place = Pick<Subjects['samples'][number], 'x' | 'width'>;

const pixels = lookWidth * lookHeight;
/** Starting values after smartcrop's: skin first, detail and strong colour as helpers; what moves is what is watched. */
const weights = { skin: 1.8, detail: 0.4, colour: 0.15, motion: 3 } as const;
const windowColumns = lookWidth / 4;
/** A quarter of an evenly filled picture's saliency lies in a quarter of its columns. */
const leastShare = 0.42;
const leastMean = 0.004;

/** Where in one small RGB picture a viewer looks, or null when nothing stands out. `before` is the picture before it. Pure. */
export function findSubject(picture: Uint8Array, before: Uint8Array | null): Place | null {
  const columns = aboveUsual(sumColumns(toSaliency(picture, before)));
  const total = columns.reduce((sum, value) => sum + value, 0);
  if (total / pixels < leastMean) return null;
  const first = bestWindow(columns);
  const inside = columns.slice(first, first + windowColumns);
  const weight = inside.reduce((sum, value) => sum + value, 0);
  if (weight / total < leastShare) return null;
  const middle = inside.reduce((sum, value, column) => sum + value * (column + 0.5), 0) / weight;
  const variance = inside.reduce((sum, value, column) => sum + value * (column + 0.5 - middle) ** 2, 0) / weight;
  return { x: round((first + middle) / lookWidth), width: round(Math.min(0.4, (3.4 * Math.sqrt(variance)) / lookWidth)) };
}

function toSaliency(picture: Uint8Array, before: Uint8Array | null): Float32Array {
  const luma = toLuma(picture);
  const motion = before === null ? null : toMotion(luma, toLuma(before));
  return Float32Array.from({ length: pixels }, (_, at) => {
    const [red, green, blue] = [picture[3 * at]! / 255, picture[3 * at + 1]! / 255, picture[3 * at + 2]! / 255];
    return (
      weights.skin * skinOf([red, green, blue], luma[at]!) +
      weights.detail * detailAt(luma, at) +
      weights.colour * colourOf([red, green, blue], luma[at]!) +
      weights.motion * (motion?.[at] ?? 0)
    );
  });
}

type Colour = readonly [red: number, green: number, blue: number];
const skin: Colour = [0.78, 0.57, 0.44];

function skinOf([red, green, blue]: Colour, luma: number): number {
  const length = Math.hypot(red, green, blue) || 1;
  const distance = Math.hypot(
    red / length - skin[0] / skinLength,
    green / length - skin[1] / skinLength,
    blue / length - skin[2] / skinLength,
  );
  return luma < 0.2 || luma > 0.95 || distance > 0.12 ? 0 : 1 - distance / 0.12;
}
const skinLength = Math.hypot(...skin);

function colourOf([red, green, blue]: Colour, luma: number): number {
  const most = Math.max(red, green, blue);
  const saturation = most === 0 ? 0 : (most - Math.min(red, green, blue)) / most;
  return luma < 0.05 || luma > 0.9 || saturation < 0.4 ? 0 : (saturation - 0.4) / 0.6;
}

/** Strength of the Laplacian; nothing at the picture's border. */
function detailAt(luma: Float32Array, at: number): number {
  const column = at % lookWidth;
  if (column === 0 || column === lookWidth - 1 || at < lookWidth || at >= pixels - lookWidth) return 0;
  const around = luma[at - 1]! + luma[at + 1]! + luma[at - lookWidth]! + luma[at + lookWidth]!;
  return Math.min(1, Math.abs(4 * luma[at]! - around));
}

/** Change beyond what the whole picture changes by, so that a moving camera is no subject. */
function toMotion(luma: Float32Array, before: Float32Array): Float32Array {
  const change = luma.map((value, at) => Math.abs(value - before[at]!));
  const usual = Float32Array.from(change).sort()[Math.floor(0.6 * pixels)]!;
  return change.map((value) => Math.max(0, value - 2 * usual - 0.02));
}

const toLuma = (picture: Uint8Array): Float32Array =>
  Float32Array.from(
    { length: pixels },
    (_, at) => (0.2126 * picture[3 * at]! + 0.7152 * picture[3 * at + 1]! + 0.0722 * picture[3 * at + 2]!) / 255,
  );

function sumColumns(saliency: Float32Array): number[] {
  const columns = new Array<number>(lookWidth).fill(0);
  for (let at = 0; at < pixels; at++) columns[at % lookWidth]! += saliency[at]!;
  return columns;
}

function aboveUsual(columns: readonly number[]): number[] {
  const usual = columns.toSorted((one, other) => one - other)[lookWidth >> 1]!;
  return columns.map((value) => Math.max(0, value - usual));
}

function bestWindow(columns: readonly number[]): number {
  const sums = Array.from({ length: lookWidth - windowColumns + 1 }, (_, first) =>
    columns.slice(first, first + windowColumns).reduce((sum, value) => sum + value, 0),
  );
  return sums.indexOf(Math.max(...sums));
}

const round = (share: number) => Math.round(share * 1000) / 1000;
