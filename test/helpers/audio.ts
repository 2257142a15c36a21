import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Facts } from '#contracts/footage';
import { root } from './tools.ts';

const run = promisify(execFile);

/** Real footage beside the project. A test that needs it is skipped with this reason when it is missing. */
export const sharedMedia = join(root, '../shared/media');
export const hasSharedMedia = existsSync(sharedMedia);
export const needsSharedMedia = hasSharedMedia ? '' : ' (skipped: needs ../shared/media)';

export interface AudioFixture {
  path: string;
  facts: Facts;
  frames: number;
  durationS: number;
}

/** What the audio stages need to know of a clip, read by ffprobe and not by the code under test. */
export async function readAudio(path: string): Promise<AudioFixture> {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', path]);
  const { format, streams } = JSON.parse(stdout) as { format: Record<string, string>; streams: Record<string, string & number>[] };
  const startS = Number(format['start_time'] ?? 0);
  const video = streams.find((stream) => stream['codec_type'] === 'video');
  const audio = streams.find((stream) => stream['codec_type'] === 'audio');
  const fps = video?.['r_frame_rate'] ?? '25/1';
  const [num, den] = fps.split('/').map(Number);
  const frames = Math.floor((Number(video?.['duration'] ?? format['duration']) * num!) / den! + 1e-6);
  const facts = {
    container: format['format_name'],
    audio:
      audio === undefined ? null : { index: audio['index'], channels: audio['channels'], start_s: Number(audio['start_time']) - startS },
    video: { start_s: video === undefined ? 0 : Number(video['start_time']) - startS, fps, frames },
  };
  return { path, facts: facts as unknown as Facts, frames, durationS: (frames * den!) / num! };
}

/** Decodes with plain ffmpeg, without any of our filters. */
export async function decodePlain(path: string, { sampleRate = 48_000, channels = 1 } = {}): Promise<Float32Array> {
  const layout = ['-ar', String(sampleRate), '-ac', String(channels), '-f', 'f32le', '-'];
  const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', path, '-map', '0:a:0', ...layout], {
    encoding: 'buffer',
    maxBuffer: 2 ** 28,
  });
  return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength - (stdout.byteLength % 4)));
}

/** Interleaved float samples as a WAV file. */
export async function writeWav(path: string, samples: Float32Array, { sampleRate = 48_000, channels = 1 } = {}): Promise<void> {
  const bytes = samples.byteLength;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(3, 20);
  header.writeUInt16LE(channels, 22);
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(4 * channels * sampleRate, 28);
  header.writeUInt16LE(4 * channels, 32);
  header.writeUInt16LE(32, 34);
  header.write('data', 36);
  header.writeUInt32LE(bytes, 40);
  await writeFile(path, Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, bytes)]));
}

/** ffmpeg for making fixtures: lavfi sources, muxing, delays. */
export const makeMedia = (...args: string[]) => run('ffmpeg', ['-v', 'error', '-y', ...args]);

/** ebur128 of a finished file. */
export async function measureLoudness(path: string): Promise<{ lufs: number; peakDbtp: number }> {
  const { stderr } = await run('ffmpeg', ['-nostats', '-i', path, '-af', 'ebur128=peak=true:framelog=verbose', '-f', 'null', '-']);
  const summary = stderr.slice(stderr.lastIndexOf('Summary:'));
  return { lufs: Number(/I:\s+(\S+) LUFS/.exec(summary)?.[1]), peakDbtp: Number(/Peak:\s+(\S+) dBFS/.exec(summary)?.[1]) };
}
