import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChunkSpec, Smart } from '#contracts/render-specs';
import type { MediaCommand, MediaOutput } from '../command.ts';
import { decodersAtOnce } from '../decoders.ts';
import type { MediaTools } from '../ffmpeg.ts';
import { buildKeepFilters } from '../render/filters.ts';
import { buildSimilarityCommand, type Compared, parseSimilarity, pickSeams, type SampleSpan, ssimInto } from '../render/similarity.ts';
import { findKeyFrame, startAtKeyFrame } from '../source/frame-time.ts';
import { toSumsOutput } from './command.ts';
import { type Look, readSums } from './looks.ts';
import { type SmartPart, toMadeSpans } from './parts.ts';

/** A joined piece and what it was made from. */
export interface CheckInput {
  spec: ChunkSpec;
  smart: Smart;
  parts: readonly SmartPart[];
  looks: readonly Look[];
  /** Sums of the source's pictures that are known, by the first frame of their look. */
  meant: ReadonlyMap<number, readonly string[]>;
  joined: { path: string; keyframes: readonly number[] };
  sourcePath: string;
  tools: Pick<MediaTools, 'run'>;
}

/** Pictures of the joined piece. */
type Range = Pick<Look, 'frame' | 'frames'>;

/** Decoders of one process that are not there for the copies: for joins, and for both sides of a seam. */
const otherDecoders = 4;
/** Pictures behind a join that are decoded. */
const joinFrames = 4;
/** Frames decoded to see decoders pass from one part to the next: the cheapest joins first. */
const leastJoinFrames = 40;
const joinShare = 1 / 24;

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
  const { looks, meant } = input;
  const joins = pickJoins(input);
  const mostLooks = Math.max(1, decodersAtOnce(input.spec.video) - otherDecoders);
  for (let from = 0; from < Math.max(looks.length, joins.length); from += mostLooks) {
    const batch = { looks: looks.slice(from, from + mostLooks), joins: joins.slice(from, from + mostLooks) };
    const { stderr } = await input.tools.run(buildCheckCommand(input, { ...batch, seam: from === 0 ? seam : undefined }), options);
    if (stderr.trim() !== '') return { fault: 'decode_messages' };
    for (const [index, { sourceFrame, frames }] of batch.looks.entries()) {
      const made = await readSums(options.cwd, sumsOf('made', index));
      const source = meant.get(sourceFrame) ?? (await readSums(options.cwd, sumsOf('meant', index)));
      if (made.length !== frames || source.join() !== made.join()) return { fault: 'copied_frames_differ' };
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

const sumsOf = (side: 'meant' | 'made', index: number) => `${side}-${index}.sums`;

/** Where one part meets the next: decoding from the key frame before to the first pictures behind, within a budget. */
function pickJoins({ parts, joined, spec }: CheckInput): Range[] {
  let frame = 0;
  const joins = parts.slice(0, -1).map((part, index) => {
    frame += part.frames;
    const from = part.tailFrames === null ? findKeyFrame(joined.keyframes, frame - 1) : frame - part.tailFrames;
    return { frame: from, frames: frame - from + Math.min(joinFrames, parts[index + 1]!.frames) };
  });
  let left = Math.max(leastJoinFrames, joinShare * spec.frames);
  return joins
    .toSorted((a, b) => a.frames - b.frames)
    .filter((each, index) => {
      left -= each.frames;
      return index === 0 || left >= 0;
    });
}

const passNothing = (frames: number) => ['-frames:v', String(frames), '-fps_mode', 'passthrough', '-f', 'null'];

interface Looking {
  looks: readonly Look[];
  joins: readonly Range[];
  seam: SampleSpan | undefined;
}

function buildCheckCommand(input: CheckInput, { looks, joins, seam }: Looking): MediaCommand {
  const { spec, meant, joined, sourcePath } = input;
  const { fps } = spec.video;
  const command: MediaCommand = { warnings: true, inputs: [], outputs: [] };
  const add = (side: { path: string; index: number; start_s: number }, range: Range, toOutput: (map: string) => MediaOutput) => {
    const start = startAtKeyFrame({ fps, start_s: side.start_s }, range.frame);
    const keep = buildKeepFilters([{ start_frame: range.frame, end_frame: range.frame + range.frames }], { fps, start });
    const output = toOutput(`${command.inputs.length}:${side.index}`);
    command.outputs.push({ ...output, options: ['-vf', keep.join(','), ...output.options] });
    command.inputs.push({ path: side.path, options: ['-noautorotate', '-threads', '1', ...start.options] });
  };
  const made = { path: joined.path, index: 0, start_s: 0 };
  const source = { path: sourcePath, index: spec.video.index, start_s: spec.video.start_s };
  for (const [index, look] of looks.entries()) {
    const toSums = (side: 'meant' | 'made') => (map: string) => toSumsOutput(map, sumsOf(side, index), look.frames);
    if (!meant.has(look.sourceFrame)) add(source, { frame: look.sourceFrame, frames: look.frames }, toSums('meant'));
    add(made, look, toSums('made'));
  }
  for (const range of joins) add(made, range, (map) => ({ path: 'join', options: ['-map', map, '-an', ...passNothing(range.frames)] }));
  if (seam === undefined) return command;
  const similarity = buildSimilarityCommand(seam, toCompared(input), { metric: ssimInto(seamFile), firstInput: command.inputs.length });
  return {
    ...command,
    filterGraph: similarity.filterGraph,
    inputs: [...command.inputs, ...similarity.inputs],
    outputs: [...command.outputs, ...similarity.outputs],
  };
}
