import { join } from 'node:path';
import type { VideoFacts } from '#contracts/artifacts';
import type { CameraSpan, FrameRange } from '#contracts/plan';
import type { MediaTools } from '../ffmpeg.ts';
import type { Aspect } from '../reframe/shape.ts';
import { toSeconds } from '../source/frame-time.ts';
import { buildJoinCommand, toPieceName } from './join.ts';
import { writeList } from './place-pieces.ts';
import { buildPreviewCommand, choosePreview, planPreview } from './preview-command.ts';
import { padPiece } from './transport-stream.ts';
import { verifyOutput } from './verify-output.ts';

export interface PreviewInput {
  sourcePath: string;
  video: VideoFacts;
  keep: readonly FrameRange[];
  /** Another shape than the source's, and the camera that cuts it out. */
  reframe?: { aspect: Aspect; camera: readonly CameraSpan[] };
  /** The finished sound, copied as it is; null for a silent film. */
  audioPath: string | null;
  tools: MediaTools;
}

const previewFile = 'preview.mp4';

/** The whole edit at 360 lines and about 10 frames a second, with its final sound. Progress is a share, 0–1. */
export async function renderPreview(
  { sourcePath, video, keep, reframe, audioPath, tools }: PreviewInput,
  options: { cwd: string; signal: AbortSignal; onProgress?: (fraction: number) => void },
): Promise<{ path: string; frames: number; durationS: number; fps: string; width: number; height: number }> {
  const { cwd, signal, onProgress } = options;
  const format = choosePreview(video, reframe?.aspect);
  const { fps, width, height } = format;
  const parts = planPreview(keep, format);
  const frames = parts.reduce((sum, part) => sum + part.frames, 0);
  const canToneMap = tools.capabilities.filters.has('zscale') && tools.capabilities.filters.has('tonemap');
  const pieces: { frames: number }[] = [];
  for (const [index, part] of parts.entries()) {
    const done = pieces.reduce((sum, piece) => sum + piece.frames, 0);
    const name = toPieceName(index, 'h264');
    const command = buildPreviewCommand({ sourcePath, video, format, part, name, canToneMap, ...reframe });
    await tools.run(command, { cwd, signal, onProgress: ({ frame }) => onProgress?.(Math.min(1, (done + frame) / frames)) });
    await padPiece(join(cwd, name));
    pieces.push({ frames: part.frames });
  }
  await writeList(pieces, { cwd, fps, codec: 'h264' });
  await tools.run(buildJoinCommand({ cwd, audioPath, fps, codec: 'h264', name: previewFile }), { cwd, signal });
  const path = join(cwd, previewFile);
  const promise = { fps, frames, width, height, hasAudio: audioPath !== null };
  await verifyOutput({ path, promise, tools }, { cwd, signal });
  return { path, frames, durationS: toSeconds(frames, fps), fps, width, height };
}
