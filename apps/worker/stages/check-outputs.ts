import type { OutputFile } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import type { StageTools } from '../stage.ts';

/** What every moving output must agree with. */
export interface Agreed {
  frames: number;
  durationS: number;
}

/** Kinds that ffprobe can speak about, and how far their length may be from the video's; a clip's from its own. */
const toleranceS: Partial<Record<OutputFile['kind'], number>> = { video: 0.1, audio: 0.1, preview: 0.5, clip: 0.1 };

interface Probed {
  format?: { duration?: string };
  streams?: { codec_type: string; nb_frames?: string }[];
}

/** A job is completed only after this: every output is there, is not empty, and its media agrees with the plan. */
export async function checkOutputs(outputs: readonly OutputFile[], agreed: Agreed, tools: StageTools): Promise<void> {
  const names = new Set(outputs.map(({ name }) => name));
  if (names.size !== outputs.length) throw new CutroomError('OUTPUT_INVALID', 'Two outputs have one name.');
  await Promise.all(outputs.map((output) => checkOutput(output, agreed, tools)));
}

/** A clip promises what it says of itself; its description is not media. */
function promiseOf({ kind, media }: OutputFile, agreed: Agreed): Agreed | null {
  if (kind !== 'clip') return agreed;
  return media ? { frames: media.frames ?? 0, durationS: media.duration_s ?? 0 } : null;
}

async function checkOutput(output: OutputFile, all: Agreed, { media, open, scratch, signal }: StageTools): Promise<void> {
  const { name, kind, blob } = output;
  if (blob.bytes === 0) throw new CutroomError('OUTPUT_INVALID', `${name} is empty.`);
  const path = await open(blob);
  const tolerance = toleranceS[kind];
  const agreed = promiseOf(output, all);
  if (tolerance === undefined || agreed === null) return;
  const args = ['-show_entries', 'format=duration:stream=codec_type,nb_frames'];
  const { format, streams = [] } = (await media.probe({ args, path }, { cwd: scratch, signal })) as Probed;
  const durationS = Number(format?.duration ?? Number.NaN);
  if (!(Math.abs(durationS - agreed.durationS) <= tolerance)) {
    throw new CutroomError('OUTPUT_INVALID', `${name} lasts ${durationS} s, the plan says ${agreed.durationS} s.`);
  }
  const frames = Number(streams.find(({ codec_type }) => codec_type === 'video')?.nb_frames);
  if ((kind === 'video' || kind === 'clip') && frames !== agreed.frames) {
    throw new CutroomError('OUTPUT_INVALID', `${name} has ${frames} frames, the plan says ${agreed.frames}.`);
  }
}
