import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readTools, root } from './tools.ts';

/** Real recordings beside the project; never part of it. */
export const sharedMedia = join(root, '../shared/media');
export const talkFile = join(sharedMedia, 'talk/autoeditor_example_42s.mp4');
export const hasSharedMedia = existsSync(talkFile);
export const whyNoSharedMedia = 'needs ../shared/media';

const run = (program: string, args: string[]): string =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** A picture that moves and speech-like bursts with pauses: 3.2 s on, 1.3 s off. Every frame differs from its neighbours. */
export function makeTalk(
  path: string,
  { seconds = 20, size = '640x360', rate = '30' }: { seconds?: number; size?: string; rate?: string } = {},
): string {
  const picture = `testsrc2=s=${size}:r=${rate}:d=${seconds}`;
  const burst = 'if(lt(mod(t,4.5),3.2),0.3*(0.6+0.4*sin(25*t)),0)*(random(0)-0.5)+0.0005*(random(1)-0.5)';
  const sound = `aevalsrc='${burst}':s=48000:d=${seconds}`;
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '60', '-pix_fmt', 'yuv420p'];
  run(readTools().ffmpeg.path, [
    '-v',
    'error',
    '-f',
    'lavfi',
    '-i',
    picture,
    '-f',
    'lavfi',
    '-i',
    sound,
    ...video,
    '-c:a',
    'aac',
    '-y',
    path,
  ]);
  return path;
}

/** A picture that moves, and no sound at all. */
export function makeSilentFilm(path: string, { seconds, size }: { seconds: number; size: string }): string {
  const picture = `testsrc2=s=${size}:r=25:d=${seconds}`;
  run(readTools().ffmpeg.path, ['-v', 'error', '-f', 'lavfi', '-i', picture, '-c:v', 'libx264', '-preset', 'ultrafast', '-y', path]);
  return path;
}

/** Frames that a full decode gives; an independent count, not the one the service makes. */
export function countFrames(path: string): number {
  const args = ['-v', 'error', '-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', path];
  return Number(run(readTools().ffprobe.path, args).trim());
}

/** What a listener's decoder measures: integrated loudness (LUFS), true peak (dBTP) and length in samples at 48 kHz. */
export function measureSound(path: string): { lufs: number; peak: number; seconds: number } {
  const args = [
    '-hide_banner',
    '-nostats',
    '-i',
    path,
    '-map',
    '0:a:0',
    '-af',
    'ebur128=peak=true:framelog=verbose,astats=measure_perchannel=none',
    '-f',
    'null',
    '-',
  ];
  const log = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', readTools().ffmpeg.path, ...args], { encoding: 'utf8' });
  const last = (pattern: RegExp) => Number([...log.matchAll(pattern)].at(-1)?.[1]);
  return {
    lufs: last(/I:\s+(-?[\d.]+) LUFS/g),
    peak: last(/Peak:\s+(-?[\d.]+) dBFS/g),
    seconds: last(/Number of samples: (\d+)/g) / 48_000,
  };
}

export function decodeMessages(path: string): string {
  return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', readTools().ffmpeg.path, '-v', 'warning', '-i', path, '-f', 'null', '-'], {
    encoding: 'utf8',
  });
}

/** What ffprobe says of the video stream. */
export function probeVideoStream(path: string): Record<string, string> {
  const answer = run(readTools().ffprobe.path, ['-v', 'error', '-select_streams', 'v:0', '-show_streams', '-of', 'json', path]);
  return (JSON.parse(answer) as { streams: Record<string, string>[] }).streams[0] ?? {};
}
