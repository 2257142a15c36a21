import { toFps } from '#contracts/rational';
import { hearBeats } from '#media/sound/hear-beats';
import type { Stage } from '../stage.ts';

export const runFindBeats: Stage<'find-beats'> = async ({ asset, facts, source }, { media, scratch, signal, open }) => {
  const durationS = source.video.frames / toFps(source.video.fps);
  return hearBeats({ path: await open(asset.blob), facts, durationS }, media, { cwd: scratch, signal });
};
