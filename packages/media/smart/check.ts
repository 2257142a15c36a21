import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChunkSpec, Smart } from '#contracts/render-specs';
import type { MediaCommand } from '../command.ts';
import type { MediaTools } from '../ffmpeg.ts';
import { buildKeepFilters } from '../render/filters.ts';
import { buildSimilarityCommand, type Compared, parseSimilarity, pickSeams, type SampleSpan, ssimInto } from '../render/similarity.ts';
import { findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';
import { type SmartPart, toMadeSpans } from './parts.ts';

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

/** Encoded pictures beside copied ones are far more alike to the source; below this they are others. */
const unlikeSsim = 0.6;
const seamFile = 'seam.log';

/**
 * Decodes what could be wrong in a joined piece: the first pictures of each copied run must equal the source's bit for bit,
 * and a decoder must pass joins without a word. Gives the reason why it may not be used, or the SSIM of its pictures at the
 * seam that is cheapest to look at; null without a seam.
 */
export async function examineJoined(
  input: CheckInput,
  options: { cwd: string; signal: AbortSignal },
): Promise<{ fault: string } | { seamSsim: number | null }> {
  const [seam] = pickSeams({ ...toKeys(input), spans: toMadeSpans(input.smart.spans), count: 1 });
  const looks = toLooks(input.parts);
  const joins = pickJoins(input);
  for (let from = 0; from < Math.max(looks.length, joins.length); from += mostLooks) {
    const batch = { looks: looks.slice(from, from + mostLooks), joins: joins.slice(from, from + mostLooks) };
    const { stderr } = await input.tools.run(buildCheckCommand(input, { ...batch, seam: from === 0 ? seam : undefined }), options);
    if (stderr.trim() !== '') return { fault: 'decode_messages' };
    for (const index of batch.looks.keys()) {
      const [meant, made] = await Promise.all(['meant', 'made'].map(async (side) => readSums(join(options.cwd, `${side}-${index}.md5`))));
      if (meant!.length === 0 || meant!.join() !== made!.join()) return { fault: 'copied_frames_differ' };
    }
  }
  const values = seam ? parseSimilarity(await readFile(join(options.cwd, seamFile), 'utf8')) : [];
  if (values.some((value) => value < unlikeSsim)) return { fault: 'seam_unlike' };
  return { seamSsim: values.length > 0 ? Math.min(...values) : null };
}

/** Key frames of the source that the plan of a piece knows: where it decodes from and where its copies begin. */
function toKeys({ smart, joined }: CheckInput): { keyframes: number[]; outputKeyframes: readonly number[] } {
  const known = smart.spans.flatMap(({ how, start_frame, decode_from }) => (how === 'copy' ? [start_frame, decode_from] : [decode_from]));
  return { keyframes: known.toSorted((a, b) => a - b), outputKeyframes: joined.keyframes };
}

function toCompared(input: CheckInput): Compared {
  const { spec, smart, joined, sourcePath } = input;
  const { width, height, fps } = spec.video;
  return {
    source: { path: sourcePath, keyframes: toKeys(input).keyframes, video: { ...spec.video, rotation: 0 } },
    output: { path: joined.path, keyframes: joined.keyframes, grid: { fps, start_s: 0 } },
    picture: { ...spec.picture, width, height },
    pixelFormat: smart.match.pix_fmt,
    asStored: true,
  };
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
  input: CheckInput,
  { looks, joins, seam }: { looks: readonly Look[]; joins: readonly Look[]; seam: SampleSpan | undefined },
): MediaCommand {
  const { spec, joined, sourcePath } = input;
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
  if (seam === undefined) return command;
  const similarity = buildSimilarityCommand(seam, toCompared(input), { metric: ssimInto(seamFile), firstInput: command.inputs.length });
  return {
    ...command,
    filterGraph: similarity.filterGraph,
    inputs: [...command.inputs, ...similarity.inputs],
    outputs: [...command.outputs, ...similarity.outputs],
  };
}

/** Sums alone: times differ between the two sides. */
async function readSums(path: string): Promise<string[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)!.trim());
}
