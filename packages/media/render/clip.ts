import { join } from 'node:path';
import type { ClipSpec } from '#contracts/render-specs';
import type { MediaCommand, MediaTools } from '../ffmpeg.ts';
import { toSeconds } from '../source/frame-time.ts';
import { type ChunkRun, renderChunk } from './chunk.ts';
import { buildJoinCommand } from './join.ts';
import { placePieces } from './place-pieces.ts';
import { verifyOutput } from './verify-output.ts';

export interface ClipInput {
  spec: ClipSpec;
  sourcePath: string;
  /** The finished track of the whole edit; null for a silent film. */
  soundPath: string | null;
  tools: MediaTools;
}

export interface RenderedClip {
  path: string;
  frames: number;
  durationS: number;
  width: number;
  height: number;
}

const soundFile = 'clip.m4a';
const clipFile = 'clip.mp4';

/** One clip as a file of its own, every frame and packet counted. What is not exactly what was planned throws OUTPUT_INVALID. */
export async function renderClip({ spec, sourcePath, soundPath, tools }: ClipInput, options: ChunkRun): Promise<RenderedClip> {
  const { cwd, signal } = options;
  const run = { cwd, signal };
  const { fps } = spec.picture.video;
  const { codec } = spec.picture.encoder;
  const piece = await renderChunk({ spec: spec.picture, sourcePath, tools }, options);
  if (spec.sound && soundPath) await tools.run(buildSoundCommand(spec.sound, soundPath), run);
  await placePieces([piece], { cwd, fps, codec });
  const audioPath = spec.sound ? join(cwd, soundFile) : null;
  await tools.run(buildJoinCommand({ cwd, audioPath, fps, codec, name: clipFile }), run);
  const path = join(cwd, clipFile);
  const { width, height } = spec.picture.reframe ?? spec.picture.picture;
  await verifyOutput({ path, promise: { fps, frames: piece.frames, width, height, hasAudio: spec.sound !== null }, tools }, run);
  return { path, frames: piece.frames, durationS: toSeconds(piece.frames, fps), width, height };
}

/** A click is heard where sound begins in the middle of a wave. */
const fadeS = 0.01;

/** Exactly these samples of a finished track, levelled already. */
export function buildSoundCommand({ start, samples, rate }: NonNullable<ClipSpec['sound']>, path: string): MediaCommand {
  const cut = `atrim=start_sample=${start}:end_sample=${start + samples},asetpts=PTS-STARTPTS`;
  const fades = `afade=in:d=${fadeS},afade=out:st=${(samples / rate - fadeS).toFixed(6)}:d=${fadeS}`;
  return {
    inputs: [{ path }],
    filterGraph: `[0:a:0]${cut},${fades},apad=whole_len=${samples}[cut]`,
    outputs: [{ path: soundFile, options: ['-map', '[cut]', '-c:a', 'aac', '-b:a', '160k', '-f', 'mp4'] }],
  };
}
