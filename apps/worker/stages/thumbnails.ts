import type { OutputFile } from '#contracts/artifacts';
import { exportThumbnail } from '#media/thumbnails';
import type { Stage } from '../stage.ts';

/** The frames that the plan names, at full size. */
export const runThumbnails: Stage<'thumbnails'> = async ({ source, plan }, { media, scratch, signal, open, store }) => {
  const sourcePath = await open(source.blob);
  const outputs: OutputFile[] = [];
  for (const [index, { frame }] of plan.thumbnails.entries()) {
    const name = `thumbnail-${index + 1}.jpg`;
    const { path, width, height } = await exportThumbnail(
      { sourcePath, video: source.video, frame, name, tools: media },
      { cwd: scratch, signal },
    );
    outputs.push({ name, kind: 'thumbnail', blob: await store(path, 'image/jpeg'), media: { width, height } });
  }
  const none = { code: 'NO_THUMBNAILS', stage: 'thumbnails', message: 'No frame stands far enough from every cut to show the video.' };
  return { outputs, warnings: outputs.length === 0 ? [none] : [] };
};
