import { join } from 'node:path';
import { toFps } from '#contracts/rational';
import { renderAudioTrack } from '#media/sound/audio-track';
import type { Stage } from '../stage.ts';

export const runRenderAudio: Stage<'render-audio'> = async ({ asset, facts, plan }, { media, scratch, signal, progress, open, store }) => {
  const input = { path: await open(asset.blob), facts, plan };
  const { name, ...track } = await renderAudioTrack(input, media, { cwd: scratch, signal, onProgress: progress });
  if (name === null) return { ...track, blob: null, outputs: [] };
  const blob = await store(join(scratch, name), 'audio/mp4');
  const frames = plan.keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
  const shown = { duration_s: frames / toFps(plan.source.fps), codec: 'aac' };
  return { ...track, blob, outputs: [{ name: 'audio.m4a', kind: 'audio', blob, media: shown }] };
};
