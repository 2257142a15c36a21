import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasSharedMedia, sharedMedia } from '../helpers/footage.ts';
import { readTools } from '../helpers/tools.ts';

/** Footage of a benchmark: a real clip beside the project, looped to length. */
export interface Footage {
  path: string;
  /** What it is, for the reader. */
  about: string;
}

interface Wish {
  clip: string;
  seconds: number;
  fps: string;
  size: string;
  /** Frames from key frame to key frame, closed. */
  gop: number;
}

const clips = {
  /** A talk as a telephone records it: 1080p30, a key frame a second. */
  talk: { clip: 'talk/retalking_ablation_1080p_31s.mp4', fps: '30', size: '1920:1080', gop: 30 },
  general: { clip: 'video/minecraft_1080p60_2audio.mp4', fps: '30', size: '1920:1080', gop: 60 },
  music: { clip: 'derived/musicvideo_waltz_84bpm.webm', fps: '24', size: '1280:720', gop: 48 },
  sequence: { clip: 'talk/retalking_ablation_1080p_31s.mp4', fps: '24', size: '1920:1080', gop: 48 },
  fourK: { clip: 'video/ax_long_4k_av1.mp4', fps: '30', size: '3840:2160', gop: 60 },
} as const satisfies Record<string, Omit<Wish, 'seconds'>>;

export type Clip = keyof typeof clips;

/** Encoded anew, because looping by copy leaves uneven times; equal for the service and for plain ffmpeg. */
export function makeFootage(clip: Clip, { seconds, folder }: { seconds: number; folder: string }): Footage {
  if (!hasSharedMedia) throw new Error('this benchmark needs ../shared/media');
  const wish = clips[clip];
  const path = join(folder, `${clip}-${seconds}.mp4`);
  if (!existsSync(path)) encode({ ...wish, seconds }, path);
  return { path, about: `${wish.clip}, looped to ${seconds} s, ${wish.size.replace(':', '×')}, ${wish.fps} fps, GOP of ${wish.gop}` };
}

function encode({ clip, seconds, fps, size, gop }: Wish, path: string): void {
  const filters = `fps=${fps},scale=${size},setsar=1,format=yuv420p`;
  const groups = ['-g', String(gop), '-keyint_min', String(gop), '-sc_threshold', '0', '-bf', '2'];
  const video = ['-vf', filters, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '20', ...groups];
  const args = [
    '-v',
    'error',
    '-stream_loop',
    '-1',
    '-i',
    join(sharedMedia, clip),
    '-t',
    String(seconds),
    '-map',
    '0:v:0',
    '-map',
    '0:a:0',
  ];
  execFileSync(readTools().ffmpeg.path, [...args, ...video, '-c:a', 'aac', '-b:a', '128k', path]);
}
