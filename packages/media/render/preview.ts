import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { CutroomError } from '#contracts/errors';
import type { PreviewSpec, Timeline } from '#contracts/render-specs';
import type { MediaTools } from '../ffmpeg.ts';
import { toSeconds } from '../source/frame-time.ts';
import type { ChunkRun } from './chunk.ts';
import { buildJoinCommand, toPieceName } from './join.ts';
import { writeList } from './place-pieces.ts';
import { buildPreviewCommand } from './preview-command.ts';
import { countPictures } from './preview-plan.ts';
import { padPiece, readPictureTimes } from './transport-stream.ts';
import { verifyOutput } from './verify-output.ts';

export interface PreviewVideo {
  path: string;
  pictures: number;
  durationS: number;
  /** Of the pictures, between joins. */
  fps: string;
  width: number;
  height: number;
}

const pieceFile = 'preview.ts';
const previewFile = 'preview.mp4';

/** A stretch of the edit without sound, at 360 lines and about 10 pictures a second; all of them counted. Gives its path. */
export async function renderPreviewPiece(
  { spec, sourcePath, tools }: { spec: PreviewSpec; sourcePath: string; tools: MediaTools },
  { cwd, signal, onProgress }: ChunkRun,
): Promise<string> {
  const pictures = countPictures(spec);
  const command = buildPreviewCommand(spec, { source: sourcePath, name: pieceFile });
  await tools.run(command, { cwd, signal, onProgress: ({ frame }) => onProgress?.(Math.min(1, frame / pictures)) });
  const path = join(cwd, pieceFile);
  const made = (await readPictureTimes(path)).length;
  if (made !== pictures) throw new CutroomError('OUTPUT_INVALID', `A piece of the preview has ${made} pictures instead of ${pictures}.`);
  await padPiece(path);
  return path;
}

/** The pieces (`paths`, in the timeline's order) in a row with the finished sound; every picture stands where its frame does. */
export async function joinPreview(
  input: { timeline: Pick<Timeline, 'fps' | 'frames' | 'previews'>; paths: readonly string[]; audioPath: string | null; tools: MediaTools },
  { cwd, signal }: ChunkRun,
): Promise<PreviewVideo> {
  const { timeline, paths, audioPath, tools } = input;
  const { fps, previews } = timeline;
  const { every, width, height } = previews[0]!;
  await Promise.all(paths.map((path, index) => symlink(path, join(cwd, toPieceName(index, 'h264')))));
  await writeList(previews, { cwd, fps, codec: 'h264' });
  await tools.run(buildJoinCommand({ cwd, audioPath, fps, codec: 'h264', name: previewFile }), { cwd, signal });
  const path = join(cwd, previewFile);
  const shownAt = toShownFrames(previews);
  await verifyOutput(
    { path, promise: { fps, frames: timeline.frames, shownAt, width, height, hasAudio: audioPath !== null }, tools },
    { cwd, signal },
  );
  const [num, den] = fps.split('/');
  return {
    path,
    pictures: shownAt.length,
    durationS: toSeconds(timeline.frames, fps),
    fps: `${num}/${Number(den) * every}`,
    width,
    height,
  };
}

/** Frames of the output at which the preview has a picture. */
function toShownFrames(previews: readonly PreviewSpec[]): number[] {
  let first = 0;
  return previews.flatMap((spec) => {
    const frames = Array.from({ length: countPictures(spec) }, (_, index) => first + index * spec.every);
    first += spec.frames;
    return frames;
  });
}
