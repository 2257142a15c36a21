import type { ProbedStream } from './probe-schema.ts';

export interface Geometry {
  rotation: number;
  /** The display matrix mirrors the picture, which a quarter turn cannot say. */
  mirrored: boolean;
  sar: string;
  display_width: number;
  display_height: number;
}

/** Upright size of a stored picture: sample aspect widens or narrows it, a quarter turn swaps the sides. */
export function toGeometry(stream: ProbedStream): Geometry {
  const rotation = toRotation(stream);
  const [sar, ratio] = toSampleAspect(stream.sample_aspect_ratio);
  const wide = Math.max(1, Math.round((stream.width ?? 0) * ratio));
  const high = stream.height ?? 0;
  const turned = rotation % 180 !== 0;
  return { rotation, mirrored: isMirrored(stream), sar, display_width: turned ? high : wide, display_height: turned ? wide : high };
}

/** Clockwise quarter turns; ffprobe counts counter-clockwise, old files carry a clockwise tag. Other angles go to the nearest. */
function toRotation(stream: ProbedStream): number {
  const matrix = stream.side_data_list?.find((side) => side.rotation !== undefined)?.rotation;
  const clockwise = matrix !== undefined ? -matrix : (stream.tags?.rotate ?? 0);
  if (!Number.isFinite(clockwise) || Math.abs(clockwise) > 3600) return 0;
  return (((Math.round(clockwise / 90) * 90) % 360) + 360) % 360;
}

/** A negative determinant of the matrix ffprobe prints as three rows `0000000n: a b u`. */
function isMirrored(stream: ProbedStream): boolean {
  const text = stream.side_data_list?.find((side) => side.displaymatrix)?.displaymatrix ?? '';
  const rows = [...text.matchAll(/^0000000[012]:\s+(-?\d+)\s+(-?\d+)/gm)].map((row) => [Number(row[1]), Number(row[2])] as const);
  const [first, second] = rows;
  return first !== undefined && second !== undefined && first[0] * second[1] - first[1] * second[0] < 0;
}

/** Beyond 8:1 it is a damaged header, not a format. */
function toSampleAspect(text: string | undefined): [string, number] {
  const [num = 0, den = 0] = (text ?? '').split(':').map(Number);
  const ratio = num / den;
  return num > 0 && den > 0 && ratio <= 8 && ratio >= 1 / 8 ? [`${num}:${den}`, ratio] : ['1:1', 1];
}
