import { renderPreviewPiece } from '#media/render/preview';
import type { Stage } from '../stage.ts';

export const runPreviewPiece: Stage<'preview-piece'> = async ({ item }, { media, scratch, signal, progress, open, store }) => {
  const input = { spec: item, sourcePath: await open(item.source), tools: media };
  const path = await renderPreviewPiece(input, { cwd: scratch, signal, onProgress: progress });
  return { blob: await store(path, 'video/mp2t') };
};
