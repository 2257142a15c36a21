import type { ChunkSpec, Smart, SmartSpan } from '#contracts/render-specs';
import type { MediaCommand, MediaInput, MediaOutput } from '../command.ts';
import { buildKeepFilters, buildSum } from '../render/filters.ts';
import { toTimescale } from '../render/join.ts';
import { buildMatchedOptions } from '../render/match.ts';
import { countFrames } from '../render/pieces.ts';
import { startAtKeyFrame, toSeconds } from '../source/frame-time.ts';
import type { SmartPart } from './parts.ts';
import { groupByDecode } from './spans.ts';

export const encodedFile = 'encoded.mp4';

/** Stretches between copied groups are short and stand beside untouched pictures: better than any rung of the ladder, at its speed. */
const boundary = { preset: 'superfast', crf: 19, gop: 250 };

const bare = ['-an', '-sn', '-dn', '-map_metadata', '-1'];

/**
 * All frames of a piece that are not copied, in one encode with a key frame at the start of every part. Decoding begins
 * anew behind each copied run, so that what is copied is not decoded.
 */
export function buildBoundaryCommand(
  { spec, smart, parts }: { spec: ChunkSpec; smart: Smart; parts: readonly SmartPart[] },
  sourcePath: string,
): MediaCommand {
  const { fps } = spec.video;
  const groups = groupByDecode(smart.spans).map((spans) => ({ spans, start: startAtKeyFrame(spec.video, spans[0]!.decode_from) }));
  const threads = String(spec.encoder.threads);
  const graphs = groups.map(
    ({ spans, start }, index) => `[${index}:${spec.video.index}]${buildKeepFilters(spans, { fps, start }).join(',')}[k${index}]`,
  );
  const [num, den] = fps.split('/');
  const joined = `${groups.map((_, index) => `[k${index}]`).join('')}concat=n=${groups.length}:v=1,settb=${den}/${num},setpts=N,fps=${fps}[made]`;
  const keys = parts.filter(({ how }) => how === 'encode').map(({ startFrame }) => `eq(n,${startFrame})`);
  return {
    inputs: groups.map(({ start }) => ({ path: sourcePath, options: ['-noautorotate', '-threads', threads, ...start.options] })),
    filterGraph: [...graphs, joined].join(';'),
    outputs: [
      {
        path: encodedFile,
        options: [
          ...['-map', '[made]', ...bare, '-fps_mode', 'passthrough', '-frames:v', String(countEncoded(smart.spans))],
          ...buildMatchedOptions(smart.match, { ...boundary, threads: spec.encoder.threads }),
          ...['-forced-idr', '1', '-force_key_frames', `expr:${buildSum(keys)}`],
          ...['-video_track_timescale', String(toTimescale(fps)), '-f', 'mp4'],
        ],
      },
    ],
  };
}

/** A numbered part and the name it gets. */
export interface NamedPart {
  part: SmartPart;
  name: string;
}

/** Parts as streams of their own, none decoded: counted by pictures, since the next group's first decode time lies before its first picture. */
export function buildCopyCommand(
  { spec, smart, named }: { spec: ChunkSpec; smart: Smart; named: readonly NamedPart[] },
  paths: { source: string; encoded: string },
): MediaCommand {
  const inputs = named.map(({ part }): MediaInput => {
    if (part.how === 'copy') return { path: paths.source, options: startCopy(spec, smart, part.startFrame) };
    return { path: paths.encoded, options: startAtKeyFrame({ fps: spec.video.fps, start_s: 0 }, part.startFrame).options };
  });
  const outputs = named.map(({ part, name }, index): MediaOutput => {
    const stream = part.how === 'copy' ? spec.video.index : 0;
    const copy = ['-c', 'copy', ...parameterSets[smart.match.encoder], '-frames:v', String(part.frames)];
    return { path: name, options: ['-map', `${index}:${stream}`, ...bare, ...copy, '-f', 'mpegts'] };
  });
  return { inputs, outputs };
}

/**
 * Parameter sets before every key frame. The joined track has those of its first part in its header, and a player that
 * seeks to a key frame which is no IDR would decode it by them.
 */
const parameterSets: Record<Smart['match']['encoder'], string[]> = {
  libx264: ['-bsf:v', 'h264_mp4toannexb,dump_extra=freq=keyframe'],
  libx265: [],
};

function startCopy({ video }: ChunkSpec, { seek_bias_s }: Smart, frame: number): string[] {
  if (frame === 0) return [];
  return ['-ss', (video.start_s + toSeconds(frame + 0.5, video.fps) + seek_bias_s).toFixed(6)];
}

const countEncoded = (spans: readonly SmartSpan[]) => countFrames(spans.filter(({ how }) => how === 'encode'));
