import { parseRational } from '#contracts/rational';
import type { Codec } from '#contracts/request';
import type { MediaCommand } from '../command.ts';
import { pieceFiles } from './piece-file.ts';

const listFile = 'list.txt';

/** Plain name of a piece in the working folder, in order of the list. */
export function toPieceName(index: number, codec: Codec): string {
  return `${String(index + 1).padStart(4, '0')}.${pieceFiles[codec].extension}`;
}

/**
 * The pieces in order, each with its length: without it a join guesses from the last picture's decode time. ffmpeg adds the
 * lengths up in whole microseconds, so they are given in such, from the exact place of each end: what is rounded does not gather.
 */
export function buildConcatList(
  pieces: readonly { frames: number }[],
  { fps, codec }: { fps: string; codec: Codec },
): { name: string; text: string } {
  const { num, den } = parseRational(fps);
  const toMicroseconds = (frame: number) => Math.round((frame * den * 1e6) / num);
  let end = 0;
  const lines = pieces.flatMap(({ frames }, index) => {
    const start = end;
    end += frames;
    const durationS = ((toMicroseconds(end) - toMicroseconds(start)) / 1e6).toFixed(6);
    return [`file '${toPieceName(index, codec)}'`, `duration ${durationS}`];
  });
  return { name: listFile, text: ['ffconcat version 1.0', ...lines, ''].join('\n') };
}

/** Ticks per second of the delivered track: a multiple of the rate, fine enough for MPEG-TS times to land on it. */
export function toTimescale(fps: string): number {
  const { num } = parseRational(fps);
  return num * Math.ceil(12_000 / num);
}

/** How players are told to turn the picture: clockwise degrees, and the version of ffmpeg that writes them. */
export interface JoinRotation {
  clockwise: number;
  version: string;
}

/** Copies pieces and sound into one MP4, index first. Equal input gives equal bytes. Never `-shortest`: lengths were planned. */
export function buildJoinCommand(input: {
  cwd: string;
  audioPath: string | null;
  fps: string;
  codec: Codec;
  name: string;
  rotation?: JoinRotation;
  warnings?: boolean;
}): MediaCommand {
  const audio = input.audioPath === null ? null : { path: input.audioPath };
  const turn = buildRotation(input.rotation);
  return {
    ...(input.warnings && { warnings: true }),
    inputs: [{ path: `${input.cwd}/${listFile}`, format: 'concat', options: turn.input }, ...(audio ? [audio] : [])],
    outputs: [
      {
        path: input.name,
        options: [
          ...['-map', '0:v:0', ...(audio ? ['-map', '1:a:0'] : []), '-c', 'copy', '-map_metadata', '-1', '-map_chapters', '-1'],
          ...turn.output,
          ...(input.codec === 'hevc' ? ['-tag:v', 'hvc1'] : []),
          ...['-video_track_timescale', String(toTimescale(input.fps)), '-fflags', '+bitexact', '-movflags', '+faststart', '-f', 'mp4'],
        ],
      },
    ],
  };
}

/** Transport streams cannot say how a picture lies. Version 6 knows an input option for it, which 7 alone understands. */
function buildRotation(rotation: JoinRotation | undefined): { input: string[]; output: string[] } {
  if (rotation === undefined || rotation.clockwise === 0) return { input: [], output: [] };
  const { clockwise, version } = rotation;
  const major = Number(/\d+/.exec(version)?.[0] ?? 0);
  if (major >= 6) return { input: ['-display_rotation:v:0', String((360 - clockwise) % 360)], output: [] };
  return { input: [], output: ['-metadata:s:v:0', `rotate=${(360 - clockwise) % 360}`] };
}
