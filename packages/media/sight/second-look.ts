import type { FrameRange } from '#contracts/plan';
import type { MediaCommand } from '../command.ts';
import { buildSelectFilter } from '../render/filters.ts';
import { findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';
import { scoreHeight, scoreWidth } from './frame-score.ts';
import { thumbHeight, thumbWidth } from './scene-rule.ts';
import { quickDecode, type ScannedVideo } from './scene-scan.ts';

/** What key frames left open: spans to see picture by picture, and single frames worth a score. */
export interface SecondLook {
  spans: readonly FrameRange[];
  stills: readonly number[];
}

export const stillFile = 'stills.yuv';

/** Each place of the source opened on its own and one after the other, in one process: a start costs more than a group. */
export function buildSecondLook({ path, video, spans, stills }: SecondLook & { path: string; video: ScannedVideo }): MediaCommand {
  const places = [...spans, ...stills.map((frame) => ({ start_frame: frame, end_frame: frame + 1 }))];
  const starts = places.map((place) => startAtKeyFrame(video, findKeyFrame(video.keyframes, place.start_frame)));
  const cuts = places.map((place, index) => {
    const start = starts[index]!;
    const isSpan = index < spans.length;
    const shape = isSpan ? `${thumbWidth}:${thumbHeight}:flags=area,format=gray` : `${scoreWidth}:${scoreHeight}:flags=area,format=yuv420p`;
    const end = start.toFilterS(place.end_frame - 0.5).toFixed(6);
    return `[${index}:${video.index}]trim=end=${end},${buildSelectFilter([place], start)},scale=${shape},setsar=1[p${index}]`;
  });
  const groups = [
    { name: 'thumbs', path: 'pipe:1', from: 0, count: spans.length },
    { name: 'stills', path: stillFile, from: spans.length, count: stills.length },
  ].filter(({ count }) => count > 0);
  const joins = groups.map(({ name, from, count }) => {
    const labels = Array.from({ length: count }, (_, index) => `[p${from + index}]`).join('');
    return `${labels}concat=n=${count}:v=1[${name}]`;
  });
  return {
    inputs: starts.map(({ options }) => ({ path, options: ['-threads', '1', ...quickDecode, ...options] })),
    filterGraph: [...cuts, ...joins].join(';'),
    outputs: groups.map(({ name, path: output }) => ({
      path: output,
      options: ['-map', `[${name}]`, '-fps_mode', 'passthrough', '-f', 'rawvideo'],
    })),
  };
}
