import type { Encoder } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { Mode, Quality } from '#contracts/request';
import type { Settings } from '#contracts/settings';
import { toFrames } from './frame-time.ts';

interface Rung {
  preset: string;
  crf: number;
}

/** Longest short side a quality delivers, in pixels; sources below it keep their size. */
export const shortSideCaps = { low: 480, medium: 720, high: 1080, ultra: 2160 } as const satisfies Record<Quality, number>;

/** Mean SSIM-Y that a quality promises against its source at the same size. */
export const ssimFloors = { low: 0.92, medium: 0.95, high: 0.97, ultra: 0.985 } as const satisfies Record<Quality, number>;

/** libx264: the worst of seven measured clips (sport, animation, talk, screen, 60-fps game) stays above the floor of its row. */
const ladder = {
  low: { fast: rung('superfast', 28), balanced: rung('veryfast', 27), high_quality: rung('medium', 28) },
  medium: { fast: rung('superfast', 27), balanced: rung('veryfast', 25), high_quality: rung('medium', 26) },
  high: { fast: rung('superfast', 24), balanced: rung('veryfast', 22), high_quality: rung('medium', 22) },
  ultra: { fast: rung('superfast', 19), balanced: rung('veryfast', 18), high_quality: rung('medium', 18) },
} as const satisfies Record<Quality, Record<Mode, Rung>>;

/**
 * One thread per piece costs 8 % less work than two at 1080p (frame threads wait and repeat look-ahead), and two pieces
 * at once fill two cores. With few pieces the last one would run alone on one core, so those get two. Depends on the
 * source alone, never on the machine or the edit: equal pieces stay equal everywhere.
 */
const manySegments = 6;

/** A player seeks within 4 s and a later edit can copy whole groups; x264's own 250 frames would save about 1 % of bytes. */
const gopS = 4;

/** Decides codec, preset, rate factor and GOP once per video. Throws CAPABILITY_MISSING for what this build cannot encode. */
export function chooseEncoder(
  settings: Pick<Settings, 'mode' | 'quality' | 'output'>,
  context: { fps: string; segments: number; encoders: ReadonlySet<string> },
): Encoder {
  const { codec, hardware } = settings.output;
  if (hardware === 'required') throw new CutroomError('CAPABILITY_MISSING', 'output.hardware: no hardware encoder is in use here.');
  if (codec !== 'h264' && codec !== 'hevc') throw new CutroomError('CAPABILITY_MISSING', `output.codec: ${codec} cannot be encoded here.`);
  const name = codec === 'h264' ? 'libx264' : 'libx265';
  if (!context.encoders.has(name)) throw new CutroomError('CAPABILITY_MISSING', `output.codec: this ffmpeg has no ${name}.`);
  const { preset, crf } = ladder[settings.quality][settings.mode];
  const gop = Math.max(1, toFrames(gopS, context.fps));
  const threads = context.segments >= manySegments ? 1 : 2;
  return { name, codec, preset, crf, threads, pix_fmt: 'yuv420p', gop, hardware: false };
}

/** Encoder options for one piece. Closed groups, at most 3 B-frames and one rate: what joining by copy relies on. */
export function buildEncoderOptions(encoder: Encoder): string[] {
  const common = ['-c:v', encoder.name, '-preset', encoder.preset, '-crf', String(encoder.crf), '-pix_fmt', encoder.pix_fmt];
  return [...common, '-g', String(encoder.gop), '-bf', '3', '-threads', String(encoder.threads), ...codecOptions[encoder.codec](encoder)];
}

const codecOptions: Record<Encoder['codec'], (encoder: Encoder) => string[]> = {
  h264: () => ['-x264-params', 'force-cfr=1:open-gop=0'],
  hevc: ({ threads }) => ['-x265-params', `open-gop=0:repeat-headers=1:pools=${threads}:frame-threads=1:log-level=error`],
};

function rung(preset: string, crf: number): Rung {
  return { preset, crf };
}
