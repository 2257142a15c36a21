import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChunkSpec, Smart } from '#contracts/artifacts';
import type { MediaCommand } from '../command.ts';
import type { MediaTools } from '../ffmpeg.ts';
import { buildKeepFilters } from '../render/filters.ts';
import { findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';
import type { SmartPart } from './parts.ts';

/** A joined piece and what it was made from. */
export interface CheckInput {
  spec: ChunkSpec;
  smart: Smart;
  parts: readonly SmartPart[];
  joined: { path: string; keyframes: readonly number[] };
  sourcePath: string;
  tools: Pick<MediaTools, 'run'>;
}

/** The same pictures in the source and in the joined piece. */
interface Look {
  sourceFrame: number;
  frame: number;
  frames: number;
}

/** Beyond the deepest reordering, so that the first pictures in order of display are all decoded. */
const lookFrames = 6;
/** One process opens at most this many places: files are limited to 64. */
const mostLooks = 12;
/** Frames decoded to see decoders pass from one part to the next: the cheapest joins first. */
const leastJoinFrames = 60;
const joinShare = 1 / 12;

/**
 * Decodes what could be wrong in a joined piece: the first pictures of each copied run must equal the source's bit for bit,
 * and a decoder must pass joins without a word. Gives the reason why it may not be used, or null.
 */
export async function findFault(input: CheckInput, options: { cwd: string; signal: AbortSignal }): Promise<string | null> {
  const looks = toLooks(input.parts);
  const joins = pickJoins(input);
  for (let from = 0; from < Math.max(looks.length, joins.length); from += mostLooks) {
    const batch = { looks: looks.slice(from, from + mostLooks), joins: joins.slice(from, from + mostLooks) };
    const { stderr } = await input.tools.run(buildCheckCommand(input, batch), options);
    if (stderr.trim() !== '') return 'decode_messages';
    for (const index of batch.looks.keys()) {
      const [meant, made] = await Promise.all(['meant', 'made'].map(async (side) => readSums(join(options.cwd, `${side}-${index}.md5`))));
      if (meant!.length === 0 || meant!.join() !== made!.join()) return 'copied_frames_differ';
    }
  }
  return null;
}

function toLooks(parts: readonly SmartPart[]): Look[] {
  let frame = 0;
  return parts.flatMap((part) => {
    const look = { sourceFrame: part.startFrame, frame, frames: Math.min(lookFrames, part.frames) };
    frame += part.frames;
    return part.how === 'copy' ? [look] : [];
  });
}

/** Where one part meets the next: decoding from the key frame before to the first pictures behind, within a budget. */
function pickJoins({ parts, joined, spec }: CheckInput): Look[] {
  let frame = 0;
  const joins = parts.slice(0, -1).map((part, index) => {
    frame += part.frames;
    const from = part.tailFrames === null ? findKeyFrame(joined.keyframes, frame - 1) : frame - part.tailFrames;
    return { sourceFrame: 0, frame: from, frames: frame - from + Math.min(lookFrames, parts[index + 1]!.frames) };
  });
  let left = Math.max(leastJoinFrames, joinShare * spec.frames);
  return joins
    .toSorted((a, b) => a.frames - b.frames)
    .filter((each, index) => {
      left -= each.frames;
      return index === 0 || left >= 0;
    });
}

function buildCheckCommand(
  { spec, joined, sourcePath }: CheckInput,
  { looks, joins }: { looks: readonly Look[]; joins: readonly Look[] },
): MediaCommand {
  const { fps } = spec.video;
  const command: MediaCommand = { warnings: true, inputs: [], outputs: [] };
  const add = (
    side: { path: string; index: number; start_s: number },
    range: { frame: number; frames: number },
    output: { name: string; format: string },
  ) => {
    const start = startAtKeyFrame({ fps, start_s: side.start_s }, range.frame);
    const keep = buildKeepFilters([{ start_frame: range.frame, end_frame: range.frame + range.frames }], { fps, start });
    command.outputs.push({
      path: output.name,
      options: [
        ...['-map', `${command.inputs.length}:${side.index}`, '-an', '-vf', keep.join(','), '-frames:v', String(range.frames)],
        ...['-fps_mode', 'passthrough', '-f', output.format],
      ],
    });
    command.inputs.push({ path: side.path, options: ['-noautorotate', '-threads', '1', ...start.options] });
  };
  const made = { path: joined.path, index: 0, start_s: 0 };
  const meant = { path: sourcePath, index: spec.video.index, start_s: spec.video.start_s };
  for (const [index, look] of looks.entries()) {
    add(meant, { frame: look.sourceFrame, frames: look.frames }, { name: `meant-${index}.md5`, format: 'framemd5' });
    add(made, look, { name: `made-${index}.md5`, format: 'framemd5' });
  }
  for (const [index, look] of joins.entries()) add(made, look, { name: `join-${index}`, format: 'null' });
  return command;
}

/** Sums alone: times differ between the two sides. */
async function readSums(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)!.trim());
}
