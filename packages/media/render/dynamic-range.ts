import type { VideoFacts, Warning } from '#contracts/footage';
import type { Encoder, Picture } from '#contracts/render-specs';
import type { Settings } from '#contracts/settings';
import type { Capabilities } from '../capabilities.ts';
import { chooseEncoder } from './encoder.ts';

export interface RangeInput {
  video: VideoFacts;
  settings: Pick<Settings, 'mode' | 'quality' | 'output'>;
  segments: number;
  /** Something lies over the pictures. Its white is that of paper; taken for HDR it would be as bright as the sun. */
  isDrawnOn: boolean;
  capabilities: Pick<Capabilities, 'encoders' | 'deepEncoders' | 'filters' | 'hardware'>;
}

export interface Delivery {
  encoder: Encoder;
  toneMap: Pick<Picture, 'tone_map' | 'assumed'>;
  warnings: Warning[];
}

/**
 * The encoder of a video and what becomes of its light: HDR stays HDR where the codec carries ten bits and nothing is
 * drawn, unless SDR is asked for; else it is mapped. What a caller did not ask for is said in a warning. Throws as
 * `chooseEncoder` does.
 */
export function chooseDelivery({ video, settings, segments, isDrawnOn, capabilities }: RangeInput): Delivery {
  const { codec, dynamic_range: asked } = settings.output;
  const bitDepth = video.hdr && (isDrawnOn || asked === 'sdr') ? 8 : video.bit_depth;
  const encoder = chooseEncoder(settings, { fps: video.fps, segments, bitDepth, capabilities });
  const isShallow = encoder.pix_fmt === 'yuv420p';
  if (!video.hdr)
    return { encoder, toneMap: { tone_map: false }, warnings: isShallow && bitDepth > 8 ? [toDepthWarning(bitDepth, codec)] : [] };
  if (!isShallow) return { encoder, toneMap: { tone_map: false }, warnings: [] };
  if (!canMapLight(capabilities)) return { encoder, toneMap: { tone_map: false }, warnings: [notMapped] };
  return { encoder, toneMap: toToneMap(video), warnings: asked === 'sdr' ? [] : [toMappedWarning(codec, isDrawnOn)] };
}

export const canMapLight = ({ filters }: Pick<Capabilities, 'filters'>): boolean => filters.has('zscale') && filters.has('tonemap');

/** Mapping pictures that do not name all their colours: what PQ and HLG go with everywhere. */
export function toToneMap({ color }: Pick<VideoFacts, 'color'>): Delivery['toneMap'] {
  const space = unmappable.includes(color.space) ? 'bt2020nc' : color.space;
  const primaries = unnamed.includes(color.primaries) ? 'bt2020' : color.primaries;
  const isNamed = space === color.space && primaries === color.primaries;
  return { tone_map: true, ...(isNamed ? {} : { assumed: { space, primaries } }) };
}

const unnamed = ['unknown', 'unspecified', 'reserved'];
/** zscale has no way from constant luminance of 2020 to anything. */
const unmappable = [...unnamed, 'bt2020c'];

const warn = (code: string, message: string): Warning => ({ code, stage: 'timeline', message });

const notMapped = warn('HDR_NOT_MAPPED', 'This ffmpeg cannot map HDR to SDR; colours will look flat.');

const toMappedWarning = (codec: string, isDrawnOn: boolean): Warning =>
  warn(
    'HDR_MAPPED_TO_SDR',
    isDrawnOn
      ? 'The footage is HDR; captions and cards are drawn in SDR, so the whole video was mapped to SDR.'
      : `The footage is HDR; ${codec} is delivered in 8 bits here, so it was mapped to SDR. hevc and av1 keep HDR.`,
  );

const toDepthWarning = (bits: number, codec: string): Warning =>
  warn('BIT_DEPTH_REDUCED', `The footage has ${bits} bits per sample; ${codec} is delivered in 8. hevc and av1 keep 10.`);
