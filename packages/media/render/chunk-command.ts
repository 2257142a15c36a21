import type { ChunkSpec } from '#contracts/render-specs';
import type { DrawnCard } from '../cards/draw-cards.ts';
import type { MediaCommand } from '../command.ts';
import { buildReframeFilters } from '../reframe/filter.ts';
import { type DecodeStart, startAtKeyFrame } from '../source/frame-time.ts';
import { buildEncoderOptions } from './encoder.ts';
import { buildDeinterlaceFilters, buildKeepFilters, buildPictureFilters } from './filters.ts';
import { buildUploadFilters } from './hardware.ts';
import { buildMatchedOptions, pixelFormatOf } from './match.ts';
import { buildOverlayGraph, toCardInput } from './overlay-graph.ts';
import { pieceFiles } from './piece-file.ts';

/** Names inside the working folder; fixed, because what stands in a filter argument cannot be escaped reliably. */
export const captionFile = 'cap.ass';
export const fontFolder = 'fonts';

/**
 * One decode from the key frame before the piece's first frame to its last, everything outside the kept ranges
 * dropped, one encode to the container that pieces of the codec are joined from. Where other pieces may be
 * copied, pictures stay as they are stored and the encoder matches the source.
 * Cards lie over the picture, captions over the cards.
 */
export function buildChunkCommand(spec: ChunkSpec, sourcePath: string, cards: readonly DrawnCard[] = []): MediaCommand {
  const start = startAtKeyFrame(spec.video, spec.decode_from);
  const covered = cards.length > 0 ? buildCoveredGraph(spec, start, cards) : null;
  const { extension, muxer } = pieceFiles[spec.encoder.codec];
  const turn = spec.smart ? ['-noautorotate'] : [];
  const encode = spec.smart ? buildMatchedOptions(spec.smart.match, spec.encoder) : buildEncoderOptions(spec.encoder);
  return {
    inputs: [
      { path: sourcePath, options: [...turn, '-threads', String(spec.encoder.threads), ...start.options] },
      ...cards.map((card) => toCardInput(card, spec.video.fps)),
    ],
    ...(covered && { filterGraph: covered }),
    outputs: [
      {
        path: `piece.${extension}`,
        options: [
          ...['-map', covered ? '[shown]' : `0:${spec.video.index}`, '-an', '-sn', '-dn', '-map_metadata', '-1'],
          ...(covered ? [] : ['-vf', [...buildBaseFilters(spec, start), ...buildLastFilters(spec)].join(',')]),
          ...['-fps_mode', 'passthrough', '-frames:v', String(spec.frames)],
          ...encode,
          ...['-f', muxer],
        ],
      },
    ],
  };
}

function buildCoveredGraph(spec: ChunkSpec, start: DecodeStart, cards: readonly DrawnCard[]): string {
  return [
    `[0:${spec.video.index}]${buildBaseFilters(spec, start).join(',')}[base]`,
    ...buildOverlayGraph(cards, spec),
    `[covered]${[`format=${pixelFormatOf(spec)}`, ...buildLastFilters(spec)].join(',')}[shown]`,
  ].join(';');
}

function buildBaseFilters(spec: ChunkSpec, start: DecodeStart): string[] {
  return [
    ...buildDeinterlaceFilters(spec.picture),
    ...buildKeepFilters(spec.keep, { fps: spec.video.fps, start }),
    ...(spec.smart ? [`format=${spec.smart.match.pix_fmt}`] : buildPictureFilters(spec.picture, spec.video, spec.encoder.pix_fmt)),
    ...(spec.reframe ? buildReframeFilters(spec.picture, spec.reframe) : []),
  ];
}

function buildLastFilters({ burn, encoder }: ChunkSpec): string[] {
  const captions = burn.length > 0 ? [`subtitles=${captionFile}:fontsdir=${fontFolder}`] : [];
  return [...captions, ...buildUploadFilters(encoder)];
}
