import { rename } from 'node:fs/promises';
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
import { buildBoundaryCommand, buildCopyCommand, type NamedPart, seenLooks, seenSums, toEncodedName } from './command.ts';
import { type Look, readSums, toLooks } from './looks.ts';
import { type SmartPart, toParts } from './parts.ts';

export interface SmartInput {
  spec: ChunkSpec;
  smart: Smart;
  sourcePath: string;
  tools: MediaTools;
}

interface Planned extends SmartInput {
  parts: readonly SmartPart[];
  looks: readonly Look[];
}

interface SmartRun {
  cwd: string;
  signal: AbortSignal;
  onProgress?: ((fraction: number) => void) | undefined;
}

export type SmartResult = { path: string; parts: PiecePart[]; seam_ssim: number | null } | { fault: string };

const pieceFile = 'piece.ts';
const joinedFile = 'joined.mp4';
/** Files are limited to 64 a process; a copy takes two. */
const mostParts = 24;

/**
 * Makes a piece of copied runs and one encode of the rest, joins it as the whole will be joined, and looks at the result.
 * What is not exactly what was planned is given as a fault, by name: the caller then encodes the whole piece.
 */
export async function renderSmart(wanted: SmartInput, run: SmartRun): Promise<SmartResult> {
  const parts = toParts(wanted.smart.spans);
  const input = { ...wanted, parts, looks: toLooks(parts) };
  const paths = await makeParts(input, run);
  if (paths === null) return { fault: 'tool_failed' };
  const found = await tryJoined(input, run);
  if ('fault' in found) return found;
  const path = join(run.cwd, pieceFile);
  return { path, parts: await packParts(paths, path), seam_ssim: found.seamSsim };
}

/** Null when a tool could not do it: another try would end the same way. */
async function makeParts(input: Planned, run: SmartRun): Promise<{ path: string; frames: number }[] | null> {
  const named = input.parts.map((part, index) => ({ part, name: toPieceName(index, codecOf(input.smart)) }));
  const ofHow = (how: SmartPart['how']) => named.filter(({ part }) => part.how === how);
  try {
    await encodeParts(input, ofHow('encode'), run);
    await copyParts(input, ofHow('copy'), run);
  } catch (error) {
    if (isUnfit(error)) return null;
    throw error;
  }
  await Promise.all(named.map(({ name }) => padPiece(join(run.cwd, name))));
  return named.map(({ part, name }) => ({ path: join(run.cwd, name), frames: part.frames }));
}

async function encodeParts(input: Planned, named: readonly NamedPart[], { cwd, signal, onProgress }: SmartRun): Promise<void> {
  if (named.length === 0) return;
  const encoded = named.reduce((sum, { part }) => sum + part.frames, 0);
  const command = buildBoundaryCommand(input, input.sourcePath);
  await input.tools.run(command, { cwd, signal, onProgress: ({ frame }) => onProgress?.((0.8 * frame) / encoded) });
  await Promise.all(named.map(({ name }, index) => rename(join(cwd, toEncodedName(index)), join(cwd, name))));
}

async function copyParts(input: Planned, named: readonly NamedPart[], { cwd, signal }: SmartRun): Promise<void> {
  for (let from = 0; from < named.length; from += mostParts) {
    const batch = { ...input, named: named.slice(from, from + mostParts) };
    await input.tools.run(buildCopyCommand(batch, input.sourcePath), { cwd, signal });
  }
}

async function tryJoined(input: Planned, { cwd, signal }: SmartRun): ReturnType<typeof examineJoined> {
  const { spec, smart, parts, tools } = input;
  const { fps } = spec.video;
  const codec = codecOf(smart);
  await writeList(parts, { cwd, fps, codec });
  try {
    const command = buildJoinCommand({ cwd, audioPath: null, fps, codec, name: joinedFile, warnings: true });
    const { stderr } = await tools.run(command, { cwd, signal });
    if (stderr.trim() !== '') return { fault: 'join_messages' };
    const path = join(cwd, joinedFile);
    const packets = await readPackets({ path, tools }, { cwd, signal });
    checkPackets(packets, { frames: spec.frames, fps });
    const joined = { path, keyframes: toKeyframes(packets) };
    return await examineJoined({ ...input, joined, meant: await readMeant(input, cwd) }, { cwd, signal });
  } catch (error) {
    if (error instanceof CutroomError && error.code === 'OUTPUT_INVALID') return { fault: 'packet_times' };
    if (isUnfit(error)) return { fault: 'tool_failed' };
    throw error;
  }
}

/** What the boundary encode came by: sums of the source's pictures, by the first frame of each look. */
async function readMeant(input: Planned, cwd: string): Promise<Map<number, string[]>> {
  const meant = new Map<number, string[]>();
  const seen = seenLooks(input);
  const sums = seen.length > 0 ? await readSums(cwd, seenSums) : [];
  for (const { sourceFrame, frames } of seen) meant.set(sourceFrame, sums.splice(0, frames));
  return meant;
}

const codecOf = ({ match }: Smart) => (match.encoder === 'libx264' ? 'h264' : 'hevc');

/** The tool could not do this with this source; anything else (disk, memory, stop) is no reason to change the plan. */
function isUnfit(error: unknown): boolean {
  return error instanceof CutroomError && ['TOOL_FAILED', 'SOURCE_UNREADABLE'].includes(error.code);
}
