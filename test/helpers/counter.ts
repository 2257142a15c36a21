import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bits = 16;
const blockPixels = 20;

/**
 * A clip whose every frame shows its own number: bit b of it is block b of the top stripe, white for one. Below lies
 * moving texture, so that encoders have work. `encode` = the output's options.
 */
export async function makeCounterClip(path: string, options: { fps: string; frames: number; encode: string[] }): Promise<void> {
  const stripe = `if(mod(floor(N/pow(2,floor(X/${blockPixels}))),2),235,16)`;
  const texture = 'mod(X*3+Y*5+N*7,160)+40';
  const picture = `color=gray:s=${bits * blockPixels}x96:r=${options.fps}:d=3600,format=gray,geq=lum='if(lt(Y,32),${stripe},${texture})'`;
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `${picture},format=yuv420p`, '-frames:v', String(options.frames)],
    ...options.encode,
    path,
  ]);
}

/** The numbers shown by a clip's frames, in the order a player shows them. */
export async function readCounter(path: string): Promise<number[]> {
  const stripe = `crop=iw:ih/6:0:ih/12,scale=${bits}:1:flags=area,format=gray`;
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-map', '0:v', '-fps_mode', 'passthrough', '-vf', stripe, '-f', 'rawvideo', '-'],
    {
      encoding: 'buffer',
      maxBuffer: 2 ** 26,
    },
  );
  return Array.from({ length: stdout.length / bits }, (_, frame) => readNumber(stdout.subarray(frame * bits, (frame + 1) * bits)));
}

function readNumber(row: Buffer): number {
  return row.reduce((number, level, bit) => number + (level > 128 ? 2 ** bit : 0), 0);
}
