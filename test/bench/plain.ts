import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FrameRange } from '#contracts/plan';
import { buildSum } from '#media/render/filters';
import { readTools } from '../helpers/tools.ts';

export interface PlainEncoder {
  name: string;
  preset: string;
  crf: number;
}

export interface PlainRun {
  wallS: number;
  cpuS: number;
}

/** What a person at a shell would type: one command, trim and concat, same encoder settings, AAC. Only H.264 is compared. */
export async function runPlain(input: {
  source: string;
  keep: readonly FrameRange[];
  fps: string;
  encoder: PlainEncoder;
  folder: string;
  /** Scaled to this height before encoding, as the job does; unset = as it is. */
  height?: number;
  sound?: boolean;
}): Promise<PlainRun> {
  const { source, keep, fps, encoder, folder, sound = true } = input;
  const script = join(folder, 'plain.txt');
  writeFileSync(script, buildGraph({ keep, fps, height: input.height, sound }));
  const video = ['-c:v', encoder.name, '-preset', encoder.preset, '-crf', String(encoder.crf), '-pix_fmt', 'yuv420p', '-r', fps];
  const audio = sound ? ['-map', '[a]', '-c:a', 'aac', '-b:a', '160k'] : [];
  const args = ['-v', 'info', '-nostats', '-i', source, '-filter_complex_script', script, '-map', '[v]', ...audio, ...video];
  const startedMs = performance.now();
  const run = promisify(execFile);
  const out = ['-movflags', '+faststart', '-y', join(folder, 'plain.mp4')];
  const { stderr } = await run(readTools().ffmpeg.path, ['-benchmark', ...args, ...out], { maxBuffer: 2 ** 26 });
  const [, user, system] = /utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr) ?? [];
  return { wallS: (performance.now() - startedMs) / 1000, cpuS: Number(user) + Number(system) };
}

function buildGraph(edit: { keep: readonly FrameRange[]; fps: string; height: number | undefined; sound: boolean }): string {
  const { keep, fps, height, sound } = edit;
  const [num = 1, den = 1] = fps.split('/').map(Number);
  const toS = (frame: number) => ((frame * den) / num).toFixed(6);
  const picture = buildSum(keep.map(({ start_frame, end_frame }) => `between(n,${start_frame},${end_frame - 1})`));
  const sounds = buildSum(keep.map(({ start_frame, end_frame }) => `between(t,${toS(start_frame)},${toS(end_frame)})`));
  const scale = height === undefined ? '' : `,scale=-2:${height}`;
  const video = `[0:v]select='${picture}',setpts=N/(${num}/${den})/TB${scale}[v]`;
  return sound ? `${video};[0:a]aselect='${sounds}',asetpts=N/SR/TB[a]` : video;
}
