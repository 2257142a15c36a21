import { CutroomError } from '#contracts/errors';
import type { Encoder } from '#contracts/render-specs';
import type { Codec } from '#contracts/request';
import type { Settings } from '#contracts/settings';
import type { Capabilities } from '../capabilities.ts';
import { toFrames } from '../source/frame-time.ts';
import { buildHardwareOptions, findHardwareEncoder, toHardwareRung } from './hardware.ts';
import { ladders } from './ladder.ts';

/** The encoder that makes a codec without special hardware. */
export const softwareEncoders = {
  h264: 'libx264',
  hevc: 'libx265',
  av1: 'libsvtav1',
  vp9: 'libvpx-vp9',
} as const satisfies Record<Codec, string>;

/** What decides the encoder besides the wishes. */
export interface EncoderContext {
  fps: string;
  segments: number;
  /** Bits of a sample that are worth delivering: the source's, or 8 once light was mapped to SDR. */
  bitDepth: number;
  capabilities: Pick<Capabilities, 'encoders' | 'deepEncoders' | 'hardware'>;
}

/**
 * One thread per piece costs 8 % less work than two at 1080p (frame threads wait and repeat look-ahead), and two pieces
 * at once fill two cores. With few pieces the last one would run alone on one core, so those get two. Depends on the
 * source alone, never on the machine or the edit: equal pieces stay equal everywhere. (With two threads x264's mbtree
 * races: six runs gave six files of equal size and equal pictures, with other bits; with one thread all were equal.)
 */
const manySegments = 6;

/** A player seeks within 4 s and a later edit can copy whole groups; x264's own 250 frames would save about 1 % of bytes. */
const gopS = 4;

/** Codecs whose ten-bit form is what players of that codec play anyway; H.264 and VP9 are delivered in eight bits. */
const deepCodecs: readonly Codec[] = ['hevc', 'av1'];

/** Decides codec, preset, rate factor and GOP once per video. Throws CAPABILITY_MISSING for what this build cannot encode. */
export function chooseEncoder(settings: Pick<Settings, 'mode' | 'quality' | 'output'>, context: EncoderContext): Encoder {
  const software = chooseSoftware(settings, context);
  const { codec, hardware } = settings.output;
  const name = findHardwareEncoder(codec, context.capabilities.hardware);
  const isDeep = software.pix_fmt !== 'yuv420p';
  if (hardware === 'required' && name === null) {
    throw new CutroomError('CAPABILITY_MISSING', `output.hardware: no hardware here encodes ${codec}; use auto, or another codec.`);
  }
  if (name === null || hardware === 'off' || (isDeep && hardware === 'auto')) return software;
  const { preset, crf } = software;
  const rung = toHardwareRung(name, { mode: settings.mode, crf });
  const standIn = hardware === 'auto' ? { software: { name: software.name, preset, crf } } : {};
  return { ...software, name, ...rung, pix_fmt: 'yuv420p', hardware: true, ...standIn };
}

function chooseSoftware(settings: Pick<Settings, 'mode' | 'quality' | 'output'>, context: EncoderContext): Encoder {
  const { codec } = settings.output;
  const { encoders, deepEncoders } = context.capabilities;
  const name = softwareEncoders[codec];
  if (!encoders.has(name)) throw new CutroomError('CAPABILITY_MISSING', `output.codec: this ffmpeg has no ${name}; use h264.`);
  const { preset, crf } = ladders[codec][settings.quality][settings.mode];
  const gop = Math.max(1, toFrames(gopS, context.fps));
  const threads = context.segments >= manySegments ? 1 : 2;
  const deep = context.bitDepth > 8 && deepCodecs.includes(codec) && deepEncoders.has(name);
  return { name, codec, preset, crf, threads, pix_fmt: deep ? 'yuv420p10le' : 'yuv420p', gop, hardware: false };
}

/** Encoder options for one piece. Closed groups and one rate: what joining by copy relies on. */
export function buildEncoderOptions(encoder: Encoder): string[] {
  if (encoder.hardware) return buildHardwareOptions(encoder);
  const common = ['-c:v', encoder.name, ...codecOptions[encoder.codec](encoder)];
  return [...common, '-crf', String(encoder.crf), '-pix_fmt', encoder.pix_fmt, '-g', String(encoder.gop)];
}

/** H.264 and HEVC: at most 3 B-frames. A stand-in for hardware has parameter sets of its own beside those of the device. VP9: tiles and row threads would make bytes depend on luck, so a piece has one thread. */
const codecOptions: Record<Codec, (encoder: Encoder) => string[]> = {
  h264: ({ preset, threads, software }) => [
    ...['-preset', preset, '-bf', '3', '-threads', String(threads)],
    ...['-x264-params', `force-cfr=1:open-gop=0${software ? ':sps-id=1' : ''}`],
  ],
  hevc: ({ preset, threads }) => [
    ...['-preset', preset, '-bf', '3', '-threads', String(threads)],
    ...['-x265-params', `open-gop=0:repeat-headers=1:pools=${threads}:frame-threads=1:log-level=error`],
  ],
  av1: ({ preset, threads }) => ['-preset', preset, '-svtav1-params', `lp=${threads}`],
  vp9: ({ preset }) => ['-cpu-used', preset, '-deadline', 'good', '-b:v', '0', '-row-mt', '0', '-threads', '1'],
};
