import { joinPreview } from '#media/render/preview';
import type { Stage } from '../stage.ts';

/** Something to look at long before the video is done. */
export const runPreview: Stage<'preview'> = async ({ timeline, preview_piece, audio }, { media, scratch, signal, open, store }) => {
  const [audioPath, paths] = await Promise.all([audio.blob && open(audio.blob), Promise.all(preview_piece.map(({ blob }) => open(blob)))]);
  const preview = await joinPreview({ timeline, paths, audioPath, tools: media }, { cwd: scratch, signal });
  const { pictures, durationS, fps, width, height } = preview;
  const shown = { duration_s: durationS, width, height, fps, frames: pictures, codec: 'h264' };
  return { outputs: [{ name: 'preview.mp4', kind: 'preview', blob: await store(preview.path, 'video/mp4'), media: shown }], warnings: [] };
};
