import { stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifacts } from '#contracts/artifacts';
import { CutroomError } from '#contracts/errors';
import { parseRational, toFps } from '#contracts/rational';
import type { ChunkSpec } from '#contracts/render-specs';
import { buildAss } from '../captions/ass.ts';
import { drawCards } from '../cards/draw-cards.ts';
import type { MediaTools } from '../ffmpeg.ts';
import { renderSmart } from '../smart/chunk.ts';
import { toMadeSpans } from '../smart/parts.ts';
import { buildChunkCommand, captionFile, fontFolder } from './chunk-command.ts';
import { type PieceFile, pieceFiles } from './piece-file.ts';

export interface ChunkInput {
  spec: ChunkSpec;
  sourcePath: string;
  tools: MediaTools;
}

export interface ChunkRun {
  cwd: string;
  signal: AbortSignal;
  /** Share of the piece's frames that are done, 0–1. */
  onProgress?: (fraction: number) => void;
}

export type RenderedChunk = Omit<Artifacts['chunk'], 'blob'> & { path: string };

/**
 * Makes one piece of the edit and gives its path. Runs that may be copied are; when the result is not exactly what was
 * planned the whole piece is encoded, and the reason given. Every picture is counted and its time checked on disk; an
 * encoded piece that is not what was planned throws OUTPUT_INVALID, or SOURCE_UNREADABLE when the decoder complained.
 */
export async function renderChunk(input: ChunkInput, run: ChunkRun): Promise<RenderedChunk> {
  const { spec } = input;
  const smart = spec.smart?.spans.some(({ how }) => how === 'copy') ? spec.smart : null;
  if (smart === null) return encodeChunk(input, run);
  const made = await renderSmart({ ...input, smart }, run);
  if ('fault' in made) return { ...(await encodeChunk(input, run)), uncopied: made.fault };
  return { ...made, frames: spec.frames, spans: toMadeSpans(smart.spans), uncopied: null };
}

async function encodeChunk({ spec, sourcePath, tools }: ChunkInput, { cwd, signal, onProgress }: ChunkRun): Promise<RenderedChunk> {
  if (spec.burn.length > 0) await placeCaptions({ spec, cwd, fontDir: tools.fonts.dir });
  const cards = await drawCards(spec, { cwd, fontDir: tools.fonts.dir, signal });
  const command = buildChunkCommand(spec, sourcePath, cards);
  const { stderr } = await tools.run(command, { cwd, signal, onProgress: ({ frame }) => onProgress?.(Math.min(1, frame / spec.frames)) });
  const path = join(cwd, command.outputs[0]!.path);
  const { readTimes, finish } = pieceFiles[spec.encoder.codec];
  const made = await readTimes(path);
  if (made.times.length < spec.frames && stderr.trim() !== '') refuseDamaged(spec, { made: made.times.length, stderr });
  checkTimes(made, spec);
  await finish(path);
  const spans = toMadeSpans(spec.keep.map((range) => ({ ...range, how: 'encode' })));
  return {
    path,
    frames: spec.frames,
    parts: [{ frames: spec.frames, bytes: (await stat(path)).size }],
    spans,
    uncopied: null,
    seam_ssim: null,
  };
}

/** An index may promise pictures that are not there: trying again would not find them. */
function refuseDamaged({ frames, keep }: ChunkSpec, { made, stderr }: { made: number; stderr: string }): never {
  const range = `${keep[0]!.start_frame}–${keep.at(-1)!.end_frame}`;
  throw new CutroomError('SOURCE_UNREADABLE', {
    detail: `The footage is damaged: ${frames - made} of ${frames} frames within ${range} cannot be decoded.`,
    tool: { exit_code: 0, stderr_tail: stderr.slice(-2_000) },
  });
}

async function placeCaptions({ spec, cwd, fontDir }: { spec: ChunkSpec; cwd: string; fontDir: string }): Promise<void> {
  const { width, height } = spec.reframe ?? spec.picture;
  await writeFile(join(cwd, captionFile), buildAss(spec.burn, { width, height, fps: toFps(spec.video.fps), font: 'DejaVu Sans' }));
  await symlink(fontDir, join(cwd, fontFolder));
}

/** As many pictures as planned, one step of time between any two of them. */
function checkTimes({ times, ticksPerS }: Awaited<ReturnType<PieceFile['readTimes']>>, spec: ChunkSpec): void {
  if (times.length !== spec.frames) {
    throw new CutroomError('OUTPUT_INVALID', `A piece has ${times.length} frames, the plan says ${spec.frames}.`);
  }
  const { num, den } = parseRational(spec.video.fps);
  const sorted = times.toSorted((a, b) => a - b);
  const uneven = sorted.findIndex((time, index) => !(Math.abs(time - sorted[0]! - (index * ticksPerS * den) / num) <= 1));
  if (uneven >= 0) throw new CutroomError('OUTPUT_INVALID', `Frame ${uneven} of a piece is not on the time grid.`);
}
