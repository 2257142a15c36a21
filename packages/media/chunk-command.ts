import type { ChunkSpec } from '#contracts/artifacts';
import type { MediaCommand } from './command.ts';
import { buildEncoderOptions } from './encoder.ts';
import { buildDeinterlaceFilters, buildKeepFilters, buildPictureFilters } from './filters.ts';
import { type DecodeStart, startAtKeyFrame } from './frame-time.ts';

/** Names inside the working folder; fixed, because what stands in a filter argument cannot be escaped reliably. */
export const captionFile = 'cap.ass';
export const fontFolder = 'fonts';
const pieceFile = 'piece.ts';

/**
 * One decode from the key frame before the piece's first frame to its last, everything outside the kept ranges
 * dropped, one encode to MPEG-TS: pieces of other containers lose time stamps when joined.
 */
export function buildChunkCommand(spec: ChunkSpec, sourcePath: string): MediaCommand {
  const start = startAtKeyFrame(spec.video, spec.decode_from);
  return {
    inputs: [{ path: sourcePath, options: ['-threads', String(spec.encoder.threads), ...start.options] }],
    outputs: [
      {
        path: pieceFile,
        options: [
          ...['-map', `0:${spec.video.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1'],
          ...['-vf', buildChunkFilters(spec, start).join(',')],
          ...['-fps_mode', 'passthrough', '-frames:v', String(spec.frames)],
          ...buildEncoderOptions(spec.encoder),
          ...['-f', 'mpegts'],
        ],
      },
    ],
  };
}

function buildChunkFilters(spec: ChunkSpec, start: DecodeStart): string[] {
  return [
    ...buildDeinterlaceFilters(spec.picture),
    ...buildKeepFilters(spec.keep, { fps: spec.video.fps, start }),
    ...buildPictureFilters(spec.picture, spec.video),
    ...(spec.burn.length > 0 ? [`subtitles=${captionFile}:fontsdir=${fontFolder}`] : []),
  ];
}
