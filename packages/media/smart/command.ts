import type { FrameRange } from '#contracts/plan';
import type { ChunkSpec, Smart, SmartSpan } from '#contracts/render-specs';
import type { MediaCommand, MediaInput, MediaOutput } from '../command.ts';
import { buildKeepFilters, buildSum } from '../render/filters.ts';
import { buildMatchedOptions } from '../render/match.ts';
import { countFrames } from '../render/pieces.ts';
import { type DecodeStart, startAtKeyFrame, toSeconds } from '../source/frame-time.ts';
import { type Look, looksBehind } from './looks.ts';
import type { SmartPart } from './parts.ts';
import { groupByDecode } from './spans.ts';

/** Encoded parts in their order, as the encoder's process names them. */
export const toEncodedName = (index: number): string => `encoded-${String(index).padStart(4, '0')}.ts`;
const encodedPattern = 'encoded-%04d.ts';
/** Sums of the source's pictures that the boundary encode came by. */
export const seenSums = 'seen.sums';

/**
 * Stretches between copied groups are short and stand beside untouched pictures: bits are spent for time. More like the source
 * than `superfast` at 19 (SSIM 0.9998 against 0.9996 of a talk at 1080p) in 0.7 of its time, and twice its size.
 */
const boundary = { preset: 'ultrafast', crf: 19, gop: 250 };

const bare = ['-an', '-sn', '-dn', '-map_metadata', '-1'];

interface Boundaries {
  spec: ChunkSpec;
  smart: Smart;
  parts: readonly SmartPart[];
  looks: readonly Look[];
}

/** Spans that one decode serves, and what it sees of the copied runs behind them. */
interface DecodeGroup {
  spans: readonly SmartSpan[];
  looks: readonly Look[];
}

function toDecodeGroups({ smart, looks }: Pick<Boundaries, 'smart' | 'looks'>): DecodeGroup[] {
  return groupByDecode(smart.spans).map((spans) => ({ spans, looks: looksBehind(spans, looks) }));
}

/** Of all looks those that the boundary encode comes by, in the order in which it writes their sums. */
export const seenLooks = (input: Pick<Boundaries, 'smart' | 'looks'>): Look[] => toDecodeGroups(input).flatMap(({ looks }) => looks);

/**
 * All frames of a piece that are not copied, in one encode with a key frame at the start of every part, each part a stream
 * of its own. Decoding begins anew behind each copied run, so that what is copied is not decoded; but for its first pictures,
 * whose sums are written: they are what the copy has to show.
 */
export function buildBoundaryCommand({ spec, smart, parts, looks }: Boundaries, sourcePath: string): MediaCommand {
  const { fps } = spec.video;
  const groups = toDecodeGroups({ smart, looks }).map((group) => ({
    ...group,
    start: startAtKeyFrame(spec.video, group.spans[0]!.decode_from),
  }));
  const threads = String(spec.encoder.threads);
  const graphs = groups.flatMap((group, index) => buildGroupGraph(group, { index, stream: spec.video.index, fps }));
  const seen = seenLooks({ smart, looks });
  const encoded = parts.filter(({ how }) => how === 'encode');
  const starts = encoded.map(({ startFrame }) => startFrame);
  const ends = encoded.map(({ startFrame, frames }) => startFrame + frames);
  return {
    inputs: groups.map(({ start }) => ({ path: sourcePath, options: ['-noautorotate', '-threads', threads, ...start.options] })),
    filterGraph: [...graphs, ...buildJoinedGraphs(groups, fps)].join(';'),
    outputs: [
      {
        path: encodedPattern,
        options: [
          ...['-map', '[made]', ...bare, '-fps_mode', 'passthrough', '-frames:v', String(countEncoded(smart.spans))],
          ...buildMatchedOptions(smart.match, { ...boundary, threads: spec.encoder.threads }),
          ...['-forced-idr', '1', '-force_key_frames', `expr:${buildSum(starts.map((start) => `eq(n,${start})`))}`],
          ...['-f', 'ssegment', '-segment_format', 'mpegts', '-segment_frames', ends.join(','), '-reset_timestamps', '1'],
        ],
      },
      ...(seen.length > 0 ? [toSumsOutput('[seen]', seenSums, countLooks(seen))] : []),
    ],
  };
}

function buildGroupGraph(
  { spans, looks, start }: DecodeGroup & { start: DecodeStart },
  { index, stream, fps }: { index: number; stream: number; fps: string },
): string[] {
  const keep = (ranges: readonly FrameRange[]) => buildKeepFilters(ranges, { fps, start }).join(',');
  const input = `[${index}:${stream}]`;
  if (looks.length === 0) return [`${input}${keep(spans)}[k${index}]`];
  const seen = looks.map(({ sourceFrame, frames }) => ({ start_frame: sourceFrame, end_frame: sourceFrame + frames }));
  return [`${input}split[d${index}][s${index}]`, `[d${index}]${keep(spans)}[k${index}]`, `[s${index}]${keep(seen)}[l${index}]`];
}

/**
 * What is kept of all groups, and what is only looked at, which gets times behind all that is kept: ffmpeg works for the output that
 * is furthest behind, and would else decode everything for the looks while the encode's pictures pile up in memory.
 */
function buildJoinedGraphs(groups: readonly DecodeGroup[], fps: string): string[] {
  const [num, den] = fps.split('/');
  const join = (names: readonly string[], times: string) =>
    `${names.join('')}concat=n=${names.length}:v=1,settb=${den}/${num},setpts=${times}`;
  const kept = `${join(
    groups.map((_, index) => `[k${index}]`),
    'N',
  )},fps=${fps}[made]`;
  const seen = groups.flatMap(({ looks }, index) => (looks.length > 0 ? [`[l${index}]`] : []));
  if (seen.length === 0) return [kept];
  return [kept, `${join(seen, `N+${countFrames(groups.flatMap(({ spans }) => spans))}`)}[seen]`];
}

/** The sums of so many pictures, one a line: MD5 would take five times as long as to decode them. */
export const toSumsOutput = (map: string, path: string, frames: number): MediaOutput => ({
  path,
  options: ['-map', map, '-an', '-frames:v', String(frames), '-fps_mode', 'passthrough', '-f', 'framehash', '-hash', 'murmur3'],
});

const countLooks = (looks: readonly Look[]) => looks.reduce((sum, { frames }) => sum + frames, 0);

/** A numbered part and the name it gets. */
export interface NamedPart {
  part: SmartPart;
  name: string;
}

/** Copied runs as streams of their own, counted by pictures, since the next group's first decode time lies before its first picture. */
export function buildCopyCommand(
  { spec, smart, named }: { spec: ChunkSpec; smart: Smart; named: readonly NamedPart[] },
  sourcePath: string,
): MediaCommand {
  const inputs = named.map(
    ({ part }): MediaInput => ({ path: sourcePath, options: [...startCopy(spec, smart, part.startFrame), ...endCopy(spec, part)] }),
  );
  const outputs = named.map(({ part, name }, index): MediaOutput => {
    const copy = ['-c', 'copy', ...parameterSets[smart.match.encoder], '-frames:v', String(part.frames)];
    return { path: name, options: ['-map', `${index}:${spec.video.index}`, ...bare, ...copy, '-f', 'mpegts'] };
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

/** Not where it ends, which pictures tell: without it ffmpeg reads the source to its end for every copy but the longest. */
const endCopy = ({ video }: ChunkSpec, { frames }: SmartPart): string[] => ['-t', (toSeconds(frames, video.fps) + readAheadS).toFixed(3)];
const readAheadS = 2;

const countEncoded = (spans: readonly SmartSpan[]) => countFrames(spans.filter(({ how }) => how === 'encode'));
