import type { Warning } from '#contracts/footage';
import type { FrameRate } from './frame-rate.ts';
import { toGeometry } from './geometry.ts';
import type { FrameIndex } from './gop.ts';
import type { ProbedFile, ProbedStream } from './probe-schema.ts';
import { audioTracks } from './streams.ts';

export interface ProbedSource {
  file: ProbedFile;
  stream: ProbedStream;
  index: FrameIndex;
  rate: FrameRate;
}

/** Demuxers whose seeks were measured to land on the frame (framemd5 of every frame against a decode from the start). */
const trustedContainers = /(^|,)(mov|matroska)(,|$)/;

const reasons: [string, (source: ProbedSource) => boolean][] = [
  ['container', ({ file }) => !trustedContainers.test(file.format.format_name)],
  ['vfr', ({ rate }) => !rate.cfr],
  ['missing_timestamps', ({ index }) => index.untimed > 0],
  ['repeated_timestamps', ({ index }) => new Set(index.pts).size < index.pts.length],
  ['undecodable_start', ({ index }) => index.undecodable > 0 || index.keyframes.length === 0 || index.openGops[0] === index.keyframes[0]],
  ['mirrored', ({ stream }) => toGeometry(stream).mirrored],
  ['duration', (source) => claimedS(source) > 2 * actualS(source) + 10],
];

/** Why frame numbers and seek times of the upload itself cannot be trusted; empty when they can. */
export function toNormalizeReasons(source: ProbedSource): string[] {
  return reasons.filter(([, applies]) => applies(source)).map(([name]) => name);
}

const notes: [string, (source: ProbedSource) => string | null][] = [
  [
    'source_truncated',
    ({ index, stream }) => (isShort(index, stream) ? `${index.packets} of ${stream.nb_frames} frames are in the file.` : null),
  ],
  ['source_audio_tracks', ({ file }) => (audioTracks(file).length > 1 ? 'Several audio tracks: the default one is used.' : null)],
  ['source_no_audio', ({ file }) => (audioTracks(file).length === 0 ? 'The footage has no sound.' : null)],
  ['source_duration', (source) => (claimedS(source) > 2 * actualS(source) + 10 ? 'The header claims a far longer duration.' : null)],
];

/** What a person should know of the footage though it can be edited. */
export function toSourceWarnings(source: ProbedSource): Warning[] {
  return notes.flatMap(([code, note]) => {
    const message = note(source);
    return message === null ? [] : [{ code, stage: 'ingest', message }];
  });
}

const isShort = (index: FrameIndex, stream: ProbedStream) => index.packets < (stream.nb_frames ?? 0);
const claimedS = ({ file, stream }: ProbedSource) => stream.duration ?? file.format.duration ?? 0;
const actualS = ({ index, rate }: ProbedSource) => (rate.meanFps > 0 ? index.pts.length / rate.meanFps : 0);
