import type { Mode } from '#contracts/request';
import type { MediaTools } from '#media/ffmpeg';
import { ladders } from '#media/render/ladder';

/** Seconds of work per second of 1080p30 on this machine, by mode; encoded here, a moment ago or since the process began. */
export type SpeedTrial = Record<Mode, number>;

const [width, height, seconds] = [1280, 720, 1];
const toFullHd = (1920 * 1080) / (width * height);

/**
 * A second of moving test picture through each mode's preset, once per process and not before somebody asks. What else
 * the machine does meanwhile is in the figures, as it will be in the jobs'.
 */
export function createSpeedTrial(media: Pick<MediaTools, 'run'>, cwd: string): () => Promise<SpeedTrial> {
  let trial: Promise<SpeedTrial> | null = null;
  const time = async (mode: Mode) => {
    const { preset, crf } = ladders.h264.high[mode];
    const input = { path: `testsrc2=s=${width}x${height}:r=30:d=${seconds}`, format: 'lavfi' } as const;
    const options = ['-c:v', 'libx264', '-preset', preset, '-crf', String(crf), '-pix_fmt', 'yuv420p', '-f', 'null'];
    const run = { cwd, signal: AbortSignal.timeout(60_000) };
    const { wallS } = await media.run({ inputs: [input], outputs: [{ path: 'trial', options }] }, run);
    return Math.round((1000 * wallS * toFullHd) / seconds) / 1000;
  };
  const timeAll = async () => ({ fast: await time('fast'), balanced: await time('balanced'), high_quality: await time('high_quality') });
  return () => {
    trial ??= timeAll().catch((fault: unknown) => {
      trial = null;
      throw fault;
    });
    return trial;
  };
}
