import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CutroomError } from '#contracts/errors';
import type { MediaLimits, MediaOutput } from '../command.ts';

interface Ended {
  outputs: readonly MediaOutput[];
  cwd: string;
  outTimeS: number;
  limits: Pick<MediaLimits, 'outputBytes' | 'outputS'>;
}

/** ffmpeg ends well when `-fs` or our `-t` cut an output short; that is no result. Throws LIMIT_EXCEEDED. */
export async function checkOutputCaps({ outputs, cwd, outTimeS, limits }: Ended): Promise<void> {
  const unbounded = outputs.some((output) => !output.options.includes('-t'));
  if (unbounded && outTimeS >= limits.outputS - 0.1)
    throw new CutroomError('LIMIT_EXCEEDED', `An output is longer than ${limits.outputS} s.`);
  const names = outputs.map((output) => output.path).filter((path) => path !== 'pipe:1' && !path.includes('%'));
  for (const name of names) {
    const size = await stat(join(cwd, name)).then(
      (file) => file.size,
      () => 0,
    );
    if (size >= limits.outputBytes) throw new CutroomError('LIMIT_EXCEEDED', `An output is larger than ${limits.outputBytes} bytes.`);
  }
}
