import { readFile } from 'node:fs/promises';
import { toFps } from '#contracts/rational';
import { chooseFrames, frameSide } from '#director/look-frames';
import { exportThumbnails } from '#media/sight/thumbnails';
import type { Stage } from '../stage.ts';

/** What is to be seen where little is said; frames are decoded only when somebody looks. */
export const runLook: Stage<'look'> = ({ source: { blob, video }, video_signals, transcript }, tools) => {
  const durationS = video.frames / toFps(video.fps);
  const frames = chooseFrames(video_signals.candidates, { frames: video.frames, durationS });
  const read = async (frame: number) => {
    const wish = {
      sourcePath: await tools.open(blob),
      video,
      stills: [{ frame, name: `frame-${frame}.jpg` }],
      longestSide: frameSide,
      tools: tools.media,
    };
    const { paths } = await exportThumbnails(wish, { cwd: tools.scratch, signal: tools.signal });
    return readFile(paths[0]!);
  };
  return tools.decide((director) => director.look({ transcript, durationS, frames, read }, tools.signal));
};
