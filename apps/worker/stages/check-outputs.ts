import { stat } from 'node:fs/promises';
import type { OutputFile } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { StageTools } from '../stage.ts';

/** What the plan says of every moving output. */
export interface Agreed {
  frames: number;
  durationS: number;
}

/** Kinds that last, and how far their length may be from the video's. A clip has a length of its own. */
const toleranceS: Partial<Record<OutputFile['kind'], number>> = { video: 0.1, audio: 0.1, preview: 0.5 };

/**
 * A job is completed only after this: every output is there with all its bytes, and agrees with the plan. Videos were read
 * packet by packet by the stages that made them, and `media` is what was found; of sound the file is asked.
 */
export async function checkOutputs(outputs: readonly OutputFile[], agreed: Agreed, tools: StageTools): Promise<void> {
  const names = new Set(outputs.map(({ name }) => name));
  if (names.size !== outputs.length) throw new CutroomError('OUTPUT_INVALID', 'Two outputs have one name.');
  await Promise.all(outputs.map((output) => checkOutput(output, agreed, tools)));
}

async function checkOutput(output: OutputFile, agreed: Agreed, tools: StageTools): Promise<void> {
  const { name, kind, blob, media } = output;
  if (blob.bytes === 0) throw new CutroomError('OUTPUT_INVALID', `${name} is empty.`);
  const path = await tools.open(blob);
  const { size } = await stat(path);
  if (size !== blob.bytes) throw new CutroomError('OUTPUT_INVALID', `${name} has ${size} bytes, ${blob.bytes} were written.`);
  const tolerance = toleranceS[kind];
  if (tolerance === undefined) return;
  const found = kind === 'audio' ? await probeLength(path, tools) : { durationS: media?.duration_s ?? Number.NaN, frames: media?.frames };
  if (!(Math.abs(found.durationS - agreed.durationS) <= tolerance)) {
    throw new CutroomError('OUTPUT_INVALID', `${name} lasts ${found.durationS} s, the plan says ${agreed.durationS} s.`);
  }
  if (kind === 'video' && found.frames !== agreed.frames) {
    throw new CutroomError('OUTPUT_INVALID', `${name} has ${found.frames} frames, the plan says ${agreed.frames}.`);
  }
}

async function probeLength(path: string, { media, scratch, signal }: StageTools): Promise<{ durationS: number; frames?: number }> {
  const probed = await media.probe({ args: ['-show_entries', 'format=duration'], path }, { cwd: scratch, signal });
  return { durationS: Number((probed as { format?: { duration?: string } }).format?.duration ?? Number.NaN) };
}
