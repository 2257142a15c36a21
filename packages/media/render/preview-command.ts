import type { FrameRange } from '#contracts/plan';
import type { PreviewSpec } from '#contracts/render-specs';
import type { MediaCommand } from '../command.ts';
import { buildReframeFilters } from '../reframe/filter.ts';
import { type DecodeStart, startAtKeyFrame } from '../source/frame-time.ts';
import { buildEndFilter, buildSelectFilter, buildSum, buildToneMapFilters } from './filters.ts';
import { countPictures } from './preview-plan.ts';

/**
 * Cheapest decode that keeps the timing right: no deblocking, pictures that no other needs are left out, what is missing
 * is filled by the picture before. The last frame is held until the planned length.
 */
export function buildPreviewCommand(spec: PreviewSpec, paths: { source: string; name: string }): MediaCommand {
  const start = startAtKeyFrame(spec.video, spec.decode_from);
  const { width, height } = spec.reframe?.picture ?? spec;
  const [num, den] = spec.video.fps.split('/');
  const filters = [
    ...buildCloseUp(spec.keep, start),
    `fps=${num}/${Number(den) * spec.every}:start_time=0`,
    'tpad=stop=-1:stop_mode=clone',
    `scale=${width}:${height}:flags=fast_bilinear`,
    ...(spec.tone_map ? buildToneMapFilters(spec.assumed) : []),
    'format=yuv420p',
    ...(spec.reframe ? buildReframeFilters(spec.reframe.picture, spec.reframe) : []),
    'setsar=1',
  ];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-bf', '0', '-g', '60', '-threads', '1'];
  return {
    inputs: [{ path: paths.source, options: ['-threads', '1', '-skip_loop_filter', 'all', '-skip_frame', 'noref', ...start.options] }],
    filterGraph: `[0:${spec.video.index}]${filters.join(',')}[small]`,
    outputs: [
      {
        path: paths.name,
        options: [
          ...['-map', '[small]', '-an', '-frames:v', String(countPictures(spec)), '-fps_mode', 'passthrough'],
          ...[...encode, '-f', 'mpegts'],
        ],
      },
    ],
  };
}

/** Drops what is cut and moves the rest together. */
function buildCloseUp(keep: readonly FrameRange[], start: DecodeStart): string[] {
  const gaps = keep.slice(1).map((range, index) => {
    const gapS = start.toFilterS(range.start_frame) - start.toFilterS(keep[index]!.end_frame);
    return `gte(T,${start.toFilterS(range.start_frame - 0.5).toFixed(6)})*${gapS.toFixed(6)}`;
  });
  const firstS = start.toFilterS(keep[0]!.start_frame).toFixed(6);
  return [buildEndFilter(keep, start), buildSelectFilter(keep, start), `setpts='(T-(${firstS})-${buildSum(gaps)})/TB'`];
}
