import type { VideoFacts } from '#contracts/footage';
import type { ChunkSpec, Encoder, Match } from '#contracts/render-specs';
import { buildColourOptions } from './colour-options.ts';

/** Profiles that an encoder here can make, in its spelling, by what ffprobe calls them. */
const profiles: Record<Match['encoder'], Record<string, string>> = {
  libx264: { 'Constrained Baseline': 'baseline', Baseline: 'baseline', Main: 'main', High: 'high' },
  libx265: { Main: 'main' },
};
const encoders: Partial<Record<string, Match['encoder']>> = { h264: 'libx264', hevc: 'libx265' };
/** Deeper reordering than this no encoder here makes. */
const deepestReorder = 2;

/** What an encoder has to do to join this footage; the reason when it cannot. */
export function matchEncoder(video: VideoFacts): Match | { gate: string } {
  const encoder = encoders[video.codec];
  if (encoder === undefined) return { gate: 'codec' };
  const formats = encoder === 'libx264' ? ['yuv420p', 'yuvj420p'] : ['yuv420p'];
  if (!formats.includes(video.pix_fmt)) return { gate: 'pixel_format' };
  const profile = profiles[encoder][video.profile];
  if (profile === undefined) return { gate: 'profile' };
  if (video.has_b_frames > deepestReorder) return { gate: 'reorder_depth' };
  const { pix_fmt, color, full_range, has_b_frames } = video;
  return { encoder, profile, pix_fmt, reorder_frames: has_b_frames, color, full_range };
}

/** What pictures of a piece are encoded in: the source's own format where others of it are copied. */
export const pixelFormatOf = ({ smart, encoder }: Pick<ChunkSpec, 'smart' | 'encoder'>): string => smart?.match.pix_fmt ?? encoder.pix_fmt;

/**
 * Encoder options whose stream joins copied pictures: same profile, depth and order of pictures; parameter sets under a
 * number of their own, so that both lie side by side in one track.
 */
export function buildMatchedOptions(
  match: Match,
  { preset, crf, gop, threads }: Pick<Encoder, 'preset' | 'crf' | 'gop' | 'threads'>,
): string[] {
  const bFrames = [0, 1, 3][match.reorder_frames] ?? 0;
  return [
    ...['-c:v', match.encoder, '-preset', preset, '-crf', String(crf), '-profile:v', match.profile, '-pix_fmt', match.pix_fmt],
    ...['-g', String(gop), '-bf', String(bFrames), '-threads', String(threads)],
    ...buildColourOptions(match),
    ...codecOptions[match.encoder]({ pyramid: bFrames > 1, threads }),
  ];
}

const codecOptions: Record<Match['encoder'], (choice: { pyramid: boolean; threads: number }) => string[]> = {
  libx264: ({ pyramid }) => ['-x264-params', `sps-id=1:force-cfr=1:open-gop=0:b-pyramid=${pyramid ? 'normal' : 'none'}`],
  libx265: ({ pyramid, threads }) => [
    '-x265-params',
    `open-gop=0:repeat-headers=1:b-pyramid=${pyramid ? 1 : 0}:pools=${threads}:frame-threads=1:log-level=error`,
  ],
};
