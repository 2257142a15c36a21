import { renderChunk } from '#media/chunk';
import { pieceFiles } from '#media/piece-file';
import type { Stage } from '../stage.ts';

export const runRenderChunk: Stage<'render-chunk'> = async ({ item }, { media, scratch, signal, progress, open, store }) => {
  const sourcePath = await open(item.source);
  const piece = await renderChunk({ spec: item, sourcePath, tools: media }, { cwd: scratch, signal, onProgress: progress });
  return { blob: await store(piece.path, pieceFiles[item.encoder.codec].contentType), frames: piece.frames };
};
