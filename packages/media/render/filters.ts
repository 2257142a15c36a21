import type { FrameRange } from '#contracts/plan';
import type { ChunkSpec, Picture } from '#contracts/render-specs';
import type { DecodeStart } from '../source/frame-time.ts';

/**
 * Filters that turn decoded pictures (upright already: ffmpeg turns them while decoding) into delivered ones. Frames
 * go in and come out one for one.
 */
export function buildPictureFilters(
  picture: Picture,
  stored: Pick<ChunkSpec['video'], 'width' | 'height' | 'rotation'>,
  pixelFormat = 'yuv420p',
): string[] {
  const filters: string[] = [];
  if (picture.tone_map) filters.push(...buildToneMapFilters(picture.assumed));
  const upright = stored.rotation % 180 === 0 ? stored : { width: stored.height, height: stored.width };
  const resized = upright.width !== picture.width || upright.height !== picture.height;
  const squeezed = picture.full_range && !picture.tone_map;
  const size = resized ? [`${picture.width}:${picture.height}`, 'flags=bicubic'] : [];
  const range = squeezed ? ['in_range=full', 'out_range=limited'] : [];
  if (resized || squeezed) filters.push(`scale=${[...size, ...range].join(':')}`);
  return [...filters, 'setsar=1', `format=${pixelFormat}`];
}

/** Before any frame is dropped, because it looks at the neighbours; one frame out for each frame in. */
export function buildDeinterlaceFilters(picture: Pick<Picture, 'deinterlace'>): string[] {
  return picture.deinterlace ? ['bwdif=mode=send_frame:parity=auto:deint=all'] : [];
}

/** Keeps these source frames, told by their time within half a frame, and puts them on an even grid. */
export function buildKeepFilters(keep: readonly FrameRange[], { fps, start }: { fps: string; start: DecodeStart }): string[] {
  const [num, den] = fps.split('/');
  return [buildEndFilter(keep, start), buildSelectFilter(keep, start), `settb=${den}/${num}`, 'setpts=N', `fps=${fps}`];
}

/**
 * Ends the stream after the last kept frame. `-frames:v` alone does not: it counts what the encoder has given back, and
 * while that is still looking ahead ffmpeg goes on decoding to the end of the file.
 */
export function buildEndFilter(keep: readonly FrameRange[], start: DecodeStart): string {
  return `trim=end=${start.toFilterS(keep.at(-1)!.end_frame - 0.5).toFixed(6)}`;
}

/** Lets through the frames of these ranges, told by their time within half a frame. */
export function buildSelectFilter(keep: readonly FrameRange[], start: DecodeStart): string {
  const toEdge = (frame: number) => start.toFilterS(frame - 0.5).toFixed(6);
  return `select='${buildSum(keep.map((range) => `between(t,${toEdge(range.start_frame)},${toEdge(range.end_frame)})`))}'`;
}

/** A sum as a balanced tree: ffmpeg's parser refuses a flat one of a hundred terms. */
export function buildSum(terms: readonly string[]): string {
  if (terms.length <= 1) return terms[0] ?? '0';
  const middle = Math.ceil(terms.length / 2);
  return `(${buildSum(terms.slice(0, middle))}+${buildSum(terms.slice(middle))})`;
}

/** PQ and HLG to BT.709: light is made linear at 100 nits, bright parts are rolled off, the rest keeps its colour. */
export function buildToneMapFilters(assumed?: Picture['assumed']): string[] {
  return [
    ...(assumed ? [`setparams=colorspace=${assumed.space}:color_primaries=${assumed.primaries}`] : []),
    'zscale=transfer=linear:npl=100',
    'format=gbrpf32le',
    'zscale=primaries=bt709',
    'tonemap=hable:desat=0',
    'zscale=transfer=bt709:matrix=bt709:range=limited',
    'format=yuv420p',
    'setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=limited',
  ];
}
