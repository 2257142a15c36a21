import { renderPreview } from '#media/render/preview';
import type { Stage } from '../stage.ts';

/** Something to look at long before the video is done. */
export const runPreview: Stage<'preview'> = async (
  { source, plan, audio, settings },
  { media, scratch, signal, progress, open, store },
) => {
  const audioPath = audio.blob && (await open(audio.blob));
  const reframe = { aspect: settings.aspect, camera: plan.reframe ?? [] };
  const input = { sourcePath: await open(source.blob), video: source.video, keep: plan.keep, reframe, audioPath, tools: media };
  const preview = await renderPreview(input, { cwd: scratch, signal, onProgress: progress });
  const { frames, durationS, fps, width, height } = preview;
  const shown = { duration_s: durationS, width, height, fps, frames, codec: 'h264' };
  return { outputs: [{ name: 'preview.mp4', kind: 'preview', blob: await store(preview.path, 'video/mp4'), media: shown }], warnings: [] };
};
