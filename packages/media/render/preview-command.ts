import type { FrameRange } from '#contracts/plan';
import { parseRational } from '#contracts/rational';
import type { PreviewSpec } from '#contracts/render-specs';
import type { MediaCommand } from '../command.ts';
import { buildReframeFilters } from '../reframe/filter.ts';
import { type DecodeStart, startAtKeyFrame } from '../source/frame-time.ts';
import { buildEndFilter, buildSelectFilter, buildSum, buildToneMapFilters } from './filters.ts';
import { countPictures } from './preview-plan.ts';

/**
 * Cheapest decode that keeps the timing right: no deblocking, pictures that no other needs are left out, groups of which
 * nothing is kept are not read, what is missing is filled by the picture before. The last frame is held until the planned length.
 */
export function buildPreviewCommand(spec: PreviewSpec, paths: { source: string; name: string }): MediaCommand {
  const { num, den } = parseRational(spec.video.fps);
  const runs = placeRuns(spec);
  const graph = [
    ...runs.map((run, index) => `[${index}:${spec.video.index}]${buildRunFilters(run, spec).join(',')}[run${index}]`),
    `${runs.map((_, index) => `[run${index}]`).join('')}concat=n=${runs.length}:v=1,${buildLookFilters(spec).join(',')}[small]`,
  ];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '30', '-bf', '0', '-g', '60', '-threads', '1'];
  const decode = ['-threads', '1', '-skip_loop_filter', 'all', '-skip_frame', 'noref'];
  return {
    inputs: runs.map(({ start }) => ({ path: paths.source, options: [...decode, ...start.options] })),
    filterGraph: graph.join(';'),
    outputs: [
      {
        path: paths.name,
        options: [
          ...['-map', '[small]', '-an', '-frames:v', String(countPictures(spec)), '-fps_mode', 'passthrough'],
          ...['-r', `${num}/${den * spec.every}`, ...encode, '-f', 'mpegts'],
        ],
      },
    ],
  };
}

/** A run on the pictures of its piece. */
interface PlacedRun {
  keep: readonly FrameRange[];
  start: DecodeStart;
  /** Frames from its first one back to the place of its first picture: the run before may have ended between two pictures. */
  lateFrames: number;
  pictures: number;
}

function placeRuns({ runs, every, video }: PreviewSpec): PlacedRun[] {
  let first = 0;
  const placed = runs.map(({ keep, frames, decode_from }) => {
    const [from, to] = [first, first + frames].map((frame) => Math.ceil(frame / every)) as [number, number];
    const run = { keep, start: startAtKeyFrame(video, decode_from), lateFrames: from * every - first, pictures: to - from };
    first += frames;
    return run;
  });
  return placed.filter(({ pictures }) => pictures > 0);
}

/** Drops what is cut, moves the rest together and puts it on the even grid of pictures, as many as planned. */
function buildRunFilters({ keep, start, lateFrames, pictures }: PlacedRun, { video, every, ...spec }: PreviewSpec): string[] {
  const gaps = keep.slice(1).map((range, index) => {
    const gapS = start.toFilterS(range.start_frame) - start.toFilterS(keep[index]!.end_frame);
    return `gte(T,${start.toFilterS(range.start_frame - 0.5).toFixed(6)})*${gapS.toFixed(6)}`;
  });
  const firstS = start.toFilterS(keep[0]!.start_frame + lateFrames).toFixed(6);
  const { num, den } = parseRational(video.fps);
  const { width, height } = spec.reframe?.picture ?? spec;
  return [
    ...[buildEndFilter(keep, start), buildSelectFilter(keep, start), `setpts='(T-(${firstS})-${buildSum(gaps)})/TB'`],
    ...[`fps=${num}/${den * every}:start_time=0`, 'tpad=stop=-1:stop_mode=clone', `trim=end_frame=${pictures}`],
    ...[`scale=${width}:${height}:flags=fast_bilinear`, 'setsar=1'],
  ];
}

/** Of all runs in a row, whose pictures are counted anew: a join of runs only guesses how long a picture lasts. */
function buildLookFilters({ video, every, ...spec }: PreviewSpec): string[] {
  const { num, den } = parseRational(video.fps);
  return [
    ...[`settb=${den * every}/${num}`, 'setpts=N'],
    ...(spec.tone_map ? buildToneMapFilters(spec.assumed) : []),
    'format=yuv420p',
    ...(spec.reframe ? buildReframeFilters(spec.reframe.picture, spec.reframe) : []),
    'setsar=1',
  ];
}
