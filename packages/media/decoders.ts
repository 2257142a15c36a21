import type { MediaCommand } from './command.ts';

/** Decoders in one process that stay below some 450 MB: a 1080p picture is 3 MB, and each keeps about ten of them. */
const pixelsAtOnce = 12 * 1920 * 1080;

/** How many places of a video one process opens at once: a start costs as much as some frames, a decoder its memory. */
export function decodersAtOnce({ width, height }: { width: number; height: number }): number {
  return Math.max(1, Math.floor(pixelsAtOnce / (width * height)));
}

/** Several commands as one; each has numbered its inputs and named its pads behind those of the ones before. */
export function mergeCommands(commands: readonly MediaCommand[]): MediaCommand {
  const graphs = commands.flatMap(({ filterGraph }) => (filterGraph === undefined ? [] : [filterGraph]));
  return {
    inputs: commands.flatMap(({ inputs }) => inputs),
    ...(graphs.length > 0 && { filterGraph: graphs.join(';') }),
    outputs: commands.flatMap(({ outputs }) => outputs),
  };
}
