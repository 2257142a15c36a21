import { renderChunk } from '#media/chunk';
import type { Stage } from '../stage.ts';

export const runRenderChunk: Stage<'render-chunk'> = async ({ item }, { media, scratch, signal, progress, open, store }) => {
  const sourcePath = await open(item.source);
  const piece = await renderChunk({ spec: item, sourcePath, tools: media }, { cwd: scratch, signal, onProgress: progress });
  return { blob: await store(piece.path, 'video/mp2t'), frames: piece.frames };
};
