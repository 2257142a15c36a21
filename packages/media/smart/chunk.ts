import { join } from 'node:path';
import { CutroomError } from '#contracts/errors';
import type { ChunkSpec, Smart } from '#contracts/render-specs';
import type { MediaTools } from '../ffmpeg.ts';
import { buildJoinCommand, toPieceName } from '../render/join.ts';
import { type PiecePart, packParts } from '../render/piece-parts.ts';
import { writeList } from '../render/place-pieces.ts';
import { padPiece } from '../render/transport-stream.ts';
import { checkPackets, readPackets, toKeyframes } from '../render/verify-output.ts';
import { examineJoined } from './check.ts';
import { buildBoundaryCommand, buildCopyCommand, encodedFile } from './command.ts';
import { type SmartPart, toParts } from './parts.ts';

export interface SmartInput {
  spec: ChunkSpec;
  smart: Smart;
  sourcePath: string;
  tools: MediaTools;
}

interface SmartRun {
  cwd: string;
  signal: AbortSignal;
  onProgress?: ((fraction: number) => void) | undefined;
}

export type SmartResult = { path: string; parts: PiecePart[]; seam_ssim: number | null } | { fault: string };

const pieceFile = 'piece.ts';
const joinedFile = 'joined.mp4';
/** Files are limited to 64 a process; a part takes two. */
const mostParts = 24;

/**
 * Makes a piece of copied runs and one encode of the rest, joins it as the whole will be joined, and looks at the result.
 * What is not exactly what was planned is given as a fault, by name: the caller then encodes the whole piece.
 */
export async function renderSmart(input: SmartInput, run: SmartRun): Promise<SmartResult> {
  const parts = toParts(input.smart.spans);
  const paths = await makeParts(input, parts, run);
  if (paths === null) return { fault: 'tool_failed' };
  const found = await tryJoined({ input, parts }, run);
  if ('fault' in found) return found;
  const path = join(run.cwd, pieceFile);
  return { path, parts: await packParts(paths, path), seam_ssim: found.seamSsim };
}

/** Null when a tool could not do it: another try would end the same way. */
async function makeParts(
  input: SmartInput,
  parts: readonly SmartPart[],
  run: SmartRun,
): Promise<{ path: string; frames: number }[] | null> {
  const { tools, sourcePath } = input;
  const { cwd, signal, onProgress } = run;
  const encoded = parts.filter(({ how }) => how === 'encode').reduce((sum, { frames }) => sum + frames, 0);
  const named = parts.map((part, index) => ({ part, name: toPieceName(index, codecOf(input.smart)) }));
  try {
    if (encoded > 0) {
      const command = buildBoundaryCommand({ ...input, parts }, sourcePath);
      await tools.run(command, { cwd, signal, onProgress: ({ frame }) => onProgress?.((0.8 * frame) / encoded) });
    }
    for (let from = 0; from < named.length; from += mostParts) {
      const batch = { ...input, named: named.slice(from, from + mostParts) };
      await tools.run(buildCopyCommand(batch, { source: sourcePath, encoded: join(cwd, encodedFile) }), { cwd, signal });
    }
  } catch (error) {
    if (isUnfit(error)) return null;
    throw error;
  }
  await Promise.all(named.map(({ name }) => padPiece(join(cwd, name))));
  return named.map(({ part, name }) => ({ path: join(cwd, name), frames: part.frames }));
}

async function tryJoined(
  { input, parts }: { input: SmartInput; parts: readonly SmartPart[] },
  { cwd, signal }: SmartRun,
): Promise<Awaited<ReturnType<typeof examineJoined>>> {
  const { spec, smart, tools } = input;
  const { fps } = spec.video;
  const codec = codecOf(smart);
  await writeList(parts, { cwd, fps, codec });
  try {
    const { stderr } = await tools.run(buildJoinCommand({ cwd, audioPath: null, fps, codec, name: joinedFile, warnings: true }), {
      cwd,
      signal,
    });
    if (stderr.trim() !== '') return { fault: 'join_messages' };
    const path = join(cwd, joinedFile);
    const packets = await readPackets({ path, tools }, { cwd, signal });
    checkPackets(packets, { frames: spec.frames, fps });
    return await examineJoined({ ...input, parts, joined: { path, keyframes: toKeyframes(packets) } }, { cwd, signal });
  } catch (error) {
    if (error instanceof CutroomError && error.code === 'OUTPUT_INVALID') return { fault: 'packet_times' };
    if (isUnfit(error)) return { fault: 'tool_failed' };
    throw error;
  }
}

const codecOf = ({ match }: Smart) => (match.encoder === 'libx264' ? 'h264' : 'hevc');

/** The tool could not do this with this source; anything else (disk, memory, stop) is no reason to change the plan. */
function isUnfit(error: unknown): boolean {
  return error instanceof CutroomError && ['TOOL_FAILED', 'SOURCE_UNREADABLE'].includes(error.code);
}
