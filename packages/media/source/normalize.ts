import { CutroomError } from '#contracts/errors';
import type { Facts, VideoFacts } from '#contracts/footage';
import { parseRational } from '#contracts/rational';
import type { Progress } from '../child/progress.ts';
import type { MediaCommand, MediaTools } from '../ffmpeg.ts';
import { buildColourOptions } from '../render/colour-options.ts';
import { probeVideo } from './probe.ts';

export interface NormalizeContext {
  media: MediaTools;
  /** The intermediate is written here. */
  cwd: string;
  signal: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

export const intermediateFile = 'intermediate.mp4';

/**
 * Makes the intermediate in `cwd` and tells its own facts: constant rate, closed one-second GOPs, upright, progressive,
 * its frame 0 at the time of the upload's first frame, so that the sound keeps its distance to the pictures.
 */
export async function runNormalize(input: { path: string; facts: Facts }, context: NormalizeContext): Promise<VideoFacts> {
  const { cwd, media, signal, onProgress } = context;
  const command = buildNormalizeCommand(input.facts, input.path);
  await media.run(command, { cwd, signal, ...(onProgress && { onProgress }) });
  const video = await probeVideo(`${cwd}/${intermediateFile}`, context);
  if (!video.cfr) throw new CutroomError('OUTPUT_INVALID', 'The intermediate has no constant frame rate.');
  return video;
}

/** Pure: the command that makes `intermediate.mp4` of footage whose own frame times cannot be trusted. */
export function buildNormalizeCommand(facts: Facts, path: string): MediaCommand {
  const { num, den } = parseRational(facts.video.fps);
  return {
    inputs: [{ path, options: ['-copyts'] }],
    outputs: [
      {
        path: intermediateFile,
        options: [
          ...['-map', `0:${facts.video.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1', '-map_chapters', '-1'],
          ...['-vf', buildNormalizeFilters(facts).join(',')],
          ...['-frames:v', String(countGridFrames(facts))],
          ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '12', '-bf', '2'],
          ...['-g', String(Math.round(num / den)), '-sc_threshold', '0', '-flags', '+cgop'],
          ...buildColourOptions(facts.video),
          ...['-f', 'mp4'],
        ],
      },
    ],
  };
}

/**
 * ffmpeg has turned the picture upright before the first filter; 4:2:0 wants even sides. Times are the container's own
 * (`-copyts`), since what ffmpeg subtracts otherwise depends on the container. The last picture is held, because `fps`
 * knows nothing of its duration; the count of frames ends it.
 */
function buildNormalizeFilters({ video, container_start_s }: Facts): string[] {
  return [
    ...(video.field_order === 'progressive' ? [] : ['bwdif=mode=send_frame:parity=auto:deint=all']),
    `setpts=PTS-${(container_start_s + video.start_s).toFixed(6)}/TB`,
    `fps=${video.fps}:start_time=0`,
    'tpad=stop=-1:stop_mode=clone',
    'crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0',
    `format=${toPixelFormat(video)}`,
  ];
}

/** Frames of the grid from the first picture to the end of the last. */
function countGridFrames({ video, duration_s }: Facts): number {
  const { num, den } = parseRational(video.fps);
  return video.cfr ? video.frames : Math.max(1, Math.round((duration_s * num) / den));
}

function toPixelFormat(video: VideoFacts): string {
  if (video.bit_depth > 8) return 'yuv420p10le';
  return video.full_range ? 'yuvj420p' : 'yuv420p';
}
