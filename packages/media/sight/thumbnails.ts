import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VideoFacts } from '#contracts/footage';
import { drawOpaque } from '../cards/draw-svg.ts';
import { buildThumbnail, type ThumbnailWish } from '../cards/thumbnail.ts';
import type { MediaCommand, MediaInput } from '../command.ts';
import { decodersAtOnce, mergeCommands } from '../decoders.ts';
import type { MediaTools } from '../ffmpeg.ts';
import { canMapLight, toToneMap } from '../render/dynamic-range.ts';
import { buildDeinterlaceFilters, buildToneMapFilters } from '../render/filters.ts';
import { findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';

export interface ThumbnailInput {
  sourcePath: string;
  video: VideoFacts;
  frame: number;
  /** Plain name of the JPEG inside the working folder. */
  name: string;
  canToneMap: boolean;
  /** Its number in a larger command; 0 when left out. */
  input?: number;
  /** In pixels; left out = as large as a thumbnail is. */
  longestSide?: number;
}

const widest = 1920;

type ThumbnailSource = Omit<ThumbnailInput, 'canToneMap' | 'frame' | 'name' | 'input'>;
type Still = Pick<ThumbnailInput, 'frame' | 'name'>;

/** Frames of the source as JPEGs of its full size (at most 1920 wide), upright and slightly sharpened. Gives their paths and size. */
export async function exportThumbnails(
  { stills, tools, ...source }: ThumbnailSource & { stills: readonly Still[]; tools: MediaTools },
  options: { cwd: string; signal: AbortSignal },
): Promise<{ paths: string[]; width: number; height: number }> {
  const canToneMap = canMapLight(tools.capabilities);
  const atOnce = decodersAtOnce(source.video);
  for (let from = 0; from < stills.length; from += atOnce) {
    const some = stills.slice(from, from + atOnce);
    const commands = some.map((still, input) => buildThumbnailCommand({ ...source, ...still, input, canToneMap }));
    await tools.run(mergeCommands(commands), options);
  }
  return { paths: stills.map(({ name }) => join(options.cwd, name)), ...fitThumbnail(source) };
}

/** Draws the headline over a JPEG of the working folder, in its layout. */
export async function titleThumbnail(
  { name, tools, ...wish }: Omit<ThumbnailWish, 'jpeg'> & { name: string; tools: MediaTools },
  { cwd, signal }: { cwd: string; signal: AbortSignal },
): Promise<void> {
  const svg = buildThumbnail({ ...wish, jpeg: await readFile(join(cwd, name)) });
  const { width, height, pixels } = await drawOpaque(svg, tools.fonts.dir);
  signal.throwIfAborted();
  const path = join(cwd, `${name}.rgba`);
  await writeFile(path, pixels);
  const input: MediaInput = { path, format: 'rawvideo', options: ['-pixel_format', 'rgba', '-video_size', `${width}x${height}`] };
  await tools.run(buildRedrawCommand({ ...input, name, width: wish.width, height: wish.height }), { cwd, signal });
}

/** A picture of any size as the JPEG of a thumbnail. */
export const buildRedrawCommand = ({
  name,
  width,
  height,
  ...input
}: MediaInput & { name: string; width: number; height: number }): MediaCommand => ({
  inputs: [input],
  outputs: [
    {
      path: name,
      options: [
        '-vf',
        `scale=${width}:${height}:flags=lanczos:out_color_matrix=bt601:out_range=full,setsar=1,format=yuvj420p`,
        '-frames:v',
        '1',
        '-c:v',
        'mjpeg',
        '-q:v',
        '2',
        '-f',
        'mjpeg',
      ],
    },
  ],
});

/** Decodes from the key frame before to exactly this frame. */
export function buildThumbnailCommand({ sourcePath, video, frame, name, canToneMap, input = 0, ...size }: ThumbnailInput): MediaCommand {
  const start = startAtKeyFrame(video, findKeyFrame(video.keyframes, frame));
  const { width, height } = fitThumbnail({ video, ...size });
  const filters = [
    ...buildDeinterlaceFilters({ deinterlace: video.field_order !== 'progressive' }),
    `select='gte(t,${start.toFilterS(frame - 0.5).toFixed(6)})'`,
    ...(video.hdr && canToneMap ? buildToneMapFilters(toToneMap(video).assumed) : []),
    // JPEG has one matrix and one range, whatever the video has
    `scale=${width}:${height}:flags=lanczos:${matrixOf(video)}out_color_matrix=bt601:out_range=full`,
    'unsharp=5:5:0.5:5:5:0',
    'setsar=1',
    'format=yuvj420p',
  ];
  return {
    inputs: [{ path: sourcePath, options: ['-threads', '1', ...start.options] }],
    outputs: [
      {
        path: name,
        options: [
          '-map',
          `${input}:${video.index}`,
          '-an',
          '-vf',
          filters.join(','),
          '-frames:v',
          '1',
          '-fps_mode',
          'passthrough',
          '-c:v',
          'mjpeg',
          '-threads',
          '1',
          '-q:v',
          '2',
          '-f',
          'mjpeg',
        ],
      },
    ],
  };
}

function fitThumbnail({ video, longestSide }: Pick<ThumbnailInput, 'video' | 'longestSide'>): { width: number; height: number } {
  const { display_width, display_height } = video;
  const side = longestSide ?? Number.POSITIVE_INFINITY;
  const scale = Math.min(1, widest / display_width, side / Math.max(display_width, display_height));
  return { width: Math.max(1, Math.round(display_width * scale)), height: Math.max(1, Math.round(display_height * scale)) };
}

/** Untagged video is BT.709 when it is HD: swscale would take it for BT.601 and tint it. */
function matrixOf({ color, display_height, hdr }: VideoFacts): string {
  return !hdr && color.space === 'unknown' && display_height >= 720 ? 'in_color_matrix=bt709:' : '';
}
