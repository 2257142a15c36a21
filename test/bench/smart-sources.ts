import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { hasSharedMedia, sharedMedia } from '../helpers/footage.ts';
import { readTools } from '../helpers/tools.ts';

interface Source {
  path: string;
  about: string;
}

/** Recordings as they are, with groups short enough to copy. */
const recordings = [
  'video/airfield_h264_mp3.mp4',
  'talk/autoeditor_example_42s.mp4',
  'talk/autoeditor_greenscreen_24s.mp4',
  'talk/hamilton_stage_10s.mp4',
  'derived/talk_pauses_known_open.mp4',
  'talk/retalking_face1.mp4',
];
const x264 = (params: string, ...options: string[]) => ['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params', params, ...options];
const x265 = (params: string) => ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', `log-level=error:${params}`];

/** A real picture encoded anew in every kind of stream that has to be copied or left alone. */
const kinds: { name: string; rate: string; encode: string[] }[] = [
  { name: 'film-b3.mp4', rate: '24000/1001', encode: x264('keyint=24:bframes=3') },
  { name: 'film-b0.mp4', rate: '24', encode: x264('keyint=48:bframes=0') },
  { name: 'pal-b1.mp4', rate: '25', encode: x264('keyint=25:bframes=1:b-pyramid=none', '-profile:v', 'main') },
  { name: 'pal-b2.mkv', rate: '25', encode: x264('keyint=25:bframes=2') },
  { name: 'ntsc-b8.mp4', rate: '30000/1001', encode: x264('keyint=30:bframes=8:b-adapt=0') },
  { name: 'ntsc-open.mp4', rate: '30000/1001', encode: x264('keyint=30:bframes=3:open-gop=1') },
  { name: 'late-b3.mp4', rate: '30', encode: x264('keyint=30:bframes=3', '-output_ts_offset', '10') },
  { name: 'scenes.mp4', rate: '30', encode: x264('keyint=250:min-keyint=5:bframes=3') },
  { name: 'baseline.mp4', rate: '30', encode: x264('keyint=30', '-profile:v', 'baseline') },
  { name: 'fast.mp4', rate: '50', encode: x264('keyint=50:bframes=3') },
  { name: 'game.mp4', rate: '60', encode: x264('keyint=60:bframes=3:ref=4') },
  { name: 'tiny-groups.mp4', rate: '30', encode: x264('keyint=4:min-keyint=1:bframes=2') },
  { name: 'hevc-closed.mp4', rate: '30', encode: x265('keyint=30:open-gop=0:bframes=4') },
  { name: 'hevc-b0.mkv', rate: '25', encode: x265('keyint=25:open-gop=0:bframes=0') },
  { name: 'hevc-open.mp4', rate: '30', encode: x265('keyint=30') },
];

/** All kinds of footage a random edit is tried on; those made here are eight seconds of a talk, 480 pixels wide. */
export function makeSmartSources(folder: string): Source[] {
  if (!hasSharedMedia) throw new Error('this benchmark needs ../shared/media');
  const made = kinds.map(({ name, rate, encode }): Source => {
    const path = join(folder, name);
    const filters = `fps=${rate},scale=480:270,setsar=1,format=yuv420p`;
    run(['-t', '8', '-i', join(sharedMedia, 'talk/retalking_ablation_1080p_31s.mp4'), '-map', '0:v:0', '-vf', filters, ...encode, path]);
    return { path, about: name };
  });
  const turned = join(folder, 'turned.mp4');
  run(['-i', join(folder, 'film-b3.mp4'), '-c', 'copy', '-metadata:s:v:0', 'rotate=270', turned]);
  const real = recordings.map((file) => ({ path: join(sharedMedia, file), about: file }));
  return [...made, { path: turned, about: 'turned.mp4' }, ...real];
}

const run = (args: string[]) => execFileSync(readTools().ffmpeg.path, ['-v', 'error', '-y', ...args]);
