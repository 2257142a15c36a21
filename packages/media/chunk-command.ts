import type { ChunkSpec } from '#contracts/artifacts';
import type { MediaCommand } from './command.ts';
import { buildEncoderOptions } from './encoder.ts';
import { buildDeinterlaceFilters, buildKeepFilters, buildPictureFilters } from './filters.ts';
import { type DecodeStart, startAtKeyFrame } from './frame-time.ts';
import { pieceFiles } from './piece-file.ts';

/** Names inside the working folder; fixed, because what stands in a filter argument cannot be escaped reliably. */
export const captionFile = 'cap.ass';
export const fontFolder = 'fonts';

/**
 * One decode from the key frame before the piece's first frame to its last, everything outside the kept ranges
 * dropped, one encode to the container that pieces of the codec are joined from.
 */
export function buildChunkCommand(spec: ChunkSpec, sourcePath: string): MediaCommand {
  const start = startAtKeyFrame(spec.video, spec.decode_from);
  const { extension, muxer } = pieceFiles[spec.encoder.codec];
  return {
    inputs: [{ path: sourcePath, options: ['-threads', String(spec.encoder.threads), ...start.options] }],
    outputs: [
      {
        path: `piece.${extension}`,
        options: [
          ...['-map', `0:${spec.video.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1'],
          ...['-vf', buildChunkFilters(spec, start).join(',')],
          ...['-fps_mode', 'passthrough', '-frames:v', String(spec.frames)],
          ...buildEncoderOptions(spec.encoder),
          ...['-f', muxer],
        ],
      },
    ],
  };
}

function buildChunkFilters(spec: ChunkSpec, start: DecodeStart): string[] {
  return [
    ...buildDeinterlaceFilters(spec.picture),
    ...buildKeepFilters(spec.keep, { fps: spec.video.fps, start }),
    ...buildPictureFilters(spec.picture, spec.video, spec.encoder.pix_fmt),
    ...(spec.burn.length > 0 ? [`subtitles=${captionFile}:fontsdir=${fontFolder}`] : []),
  ];
}
