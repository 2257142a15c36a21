import { CutroomError } from '#contracts/errors';
import type { AudioFacts } from '#contracts/footage';
import type { MediaTools } from '../ffmpeg.ts';
import { type ProbedFile, type ProbedStream, probedFileSchema, probeEntries } from './probe-schema.ts';
import { checkHeaders, defaultSourceLimits, type SourceLimits } from './refusals.ts';

export interface ProbeContext {
  media: MediaTools;
  cwd: string;
  signal: AbortSignal;
  limits?: Partial<SourceLimits>;
}

/** Headers of every stream, refused when they alone are beyond the limits. */
export async function readStreams(path: string, context: ProbeContext): Promise<ProbedFile> {
  const answer = await context.media.probe({ args: ['-show_entries', probeEntries], path }, context).catch(refuseUnreadable);
  const file = probedFileSchema.safeParse(answer);
  if (!file.success) throw new CutroomError('SOURCE_UNREADABLE', 'The file could not be read as media.');
  checkHeaders(file.data, { ...defaultSourceLimits, ...context.limits });
  return file.data;
}

/** A probe that fails speaks of the file, not of the tool. */
export function refuseUnreadable(error: unknown): never {
  if (!(error instanceof CutroomError) || error.code !== 'TOOL_FAILED') throw error;
  throw new CutroomError('SOURCE_UNREADABLE', { ...error.details, detail: 'The file could not be read as media.' });
}

/** The default moving picture, else the first; covers and chapter thumbnails are none. */
export function pickVideo(file: ProbedFile): ProbedStream | undefined {
  const moving = file.streams.filter(
    ({ codec_type, disposition }) => codec_type === 'video' && !disposition?.attached_pic && !disposition?.timed_thumbnails,
  );
  return moving.find(({ disposition }) => disposition?.default) ?? moving[0];
}

/** The default track, else the first. */
export function pickAudio(file: ProbedFile): AudioFacts | null {
  const tracks = audioTracks(file);
  const track = tracks.find(({ disposition }) => disposition?.default) ?? tracks[0];
  if (track === undefined) return null;
  return {
    index: track.index,
    codec: track.codec_name ?? 'unknown',
    sample_rate: track.sample_rate ?? 0,
    channels: track.channels ?? 0,
    start_s: (track.start_time ?? 0) - (file.format.start_time ?? 0),
  };
}

/** Tracks that name a codec and a layout; a broken header is no sound. */
export function audioTracks(file: ProbedFile): ProbedStream[] {
  return file.streams.filter((stream) => stream.codec_type === 'audio' && stream.codec_name && stream.sample_rate && stream.channels);
}
