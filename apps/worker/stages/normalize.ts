import { join } from 'node:path';
import { intermediateFile, runNormalize } from '#media/source/normalize';
import type { Stage } from '../stage.ts';

/** The upload itself where its frames can be trusted; else a constant-rate intermediate made once. */
export const runNormalizeStage: Stage<'normalize'> = async ({ asset, facts }, { media, scratch, signal, progress, open, store }) => {
  if (facts.normalize.length === 0) return { blob: asset.blob, normalized: false, video: facts.video };
  const onProgress = ({ frame }: { frame: number }) => progress(frame / facts.video.frames);
  const video = await runNormalize({ path: await open(asset.blob), facts }, { media, cwd: scratch, signal, onProgress });
  return { blob: await store(join(scratch, intermediateFile), 'video/mp4'), normalized: true, video };
};
