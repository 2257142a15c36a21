import type { Picture, Reframe } from '#contracts/render-specs';
import { buildSum } from '../render/filters.ts';

type Size = Pick<Picture, 'width' | 'height'>;

/**
 * The delivered picture cut to another shape, one frame out for each frame in; frames are counted from 0. One chain of
 * filters with branches inside, so that it fits where a plain chain does.
 */
export function buildReframeFilters(picture: Size, reframe: Reframe): string[] {
  const general = reframe.spans.filter(({ layout }) => layout === 'general');
  if (general.length === 0) return [buildCrop(picture, reframe)];
  const blurred = buildGeneral(picture, reframe);
  if (general.length === reframe.spans.length) return [blurred];
  const shown = buildSum(general.map((span) => `between(n,${span.start_frame},${span.end_frame - 1})`));
  return [
    `split=2[cut][whole];[cut]${buildCrop(picture, reframe)}[tracked];[whole]${blurred}[general];[tracked][general]overlay=format=auto:enable='${shown}'`,
  ];
}

/** Left edge of the crop while the camera stands at `x`, in whole even pixels (4:2:0). */
export function toLeft(x: number, picture: Size, reframe: Pick<Reframe, 'width'>): number {
  const most = picture.width - reframe.width;
  return 2 * Math.round(Math.min(most, Math.max(0, x * picture.width - reframe.width / 2)) / 2);
}

/** Only x changes: another width or height would set up the graph anew. */
function buildCrop(picture: Size, reframe: Reframe): string {
  const terms = reframe.spans
    .filter(({ layout }) => layout === 'track')
    .map((span) => `between(n,${span.start_frame},${span.end_frame - 1})*${toPosition(span, picture, reframe)}`);
  return `crop=${reframe.width}:${reframe.height}:x='2*trunc(${buildSum(terms)}/2)':y=0`;
}

/** Smoothstep between two stands. */
function toPosition({ from_x, to_x, move }: Reframe['spans'][number], picture: Size, reframe: Reframe): string {
  const [from, to] = [toLeft(from_x, picture, reframe), toLeft(to_x, picture, reframe)];
  if (from === to) return String(from);
  const share = `clip((n-(${move.start_frame}))/${move.end_frame - move.start_frame},0,1)`;
  return `(${from}+(${to - from})*pow(${share},2)*(3-2*${share}))`;
}

/** The whole picture, before a dark and blurred copy of itself that fills the shape. */
function buildGeneral(picture: Size, { width, height }: Reframe): string {
  const fit = Math.min(width / picture.width, height / picture.height);
  const inner = { width: toEven(picture.width * fit), height: toEven(picture.height * fit) };
  const small = { width: toEven(width / 8), height: toEven(height / 8) };
  const backdrop = [
    `scale=${small.width}:${small.height}:force_original_aspect_ratio=increase:flags=area`,
    `crop=${small.width}:${small.height}`,
    'gblur=sigma=2',
    `scale=${width}:${height}:flags=bilinear`,
    "lutyuv=y='minval+(val-minval)*0.6'",
  ];
  const place = `${toEven((width - inner.width) / 2, 0)}:${toEven((height - inner.height) / 2, 0)}`;
  return [
    `split=2[back][front];[back]${backdrop.join(',')}[backdrop]`,
    `[front]scale=${inner.width}:${inner.height}:flags=bicubic[inner]`,
    `[backdrop][inner]overlay=${place}:format=auto,setsar=1`,
  ].join(';');
}

const toEven = (pixels: number, least = 2) => Math.max(least, 2 * Math.round(pixels / 2));
