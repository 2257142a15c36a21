import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderClip } from '#media/render/clip';
import type { Stage } from '../stage.ts';

/** One clip with what a publisher wants to know of it. */
export const runClips: Stage<'clips'> = async ({ item }, { media, scratch, signal, progress, open, store }) => {
  const [sourcePath, soundPath] = await Promise.all([open(item.picture.source), item.sound && open(item.sound.blob)]);
  const clip = await renderClip({ spec: item, sourcePath, soundPath, tools: media }, { cwd: scratch, signal, onProgress: progress });
  const { frames, durationS, width, height } = clip;
  const { number, title, score, text, start_s, end_s } = item;
  const about = { title, score, start_s, end_s, duration_s: durationS, width, height, text };
  const aboutPath = join(scratch, 'clip.json');
  await writeFile(aboutPath, JSON.stringify(about, null, 2));
  const shown = { duration_s: durationS, width, height, fps: item.picture.video.fps, frames, codec: item.picture.encoder.codec };
  return {
    outputs: [
      { name: `clip-${number}.mp4`, kind: 'clip', blob: await store(clip.path, 'video/mp4'), media: shown },
      { name: `clip-${number}.json`, kind: 'clip', blob: await store(aboutPath, 'application/json') },
    ],
    warnings: [],
  };
};
