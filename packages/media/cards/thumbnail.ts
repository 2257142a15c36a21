import type { ThemeChoice } from '#contracts/overlays';
import type { ThumbnailLayout } from '#contracts/plan';
import { drawRect, drawText, heightOf, lineHeight, round } from './svg.ts';
import { cleanText, type FittedText, fitText, widthOf } from './text.ts';
import { chooseTheme, contrast, type Theme } from './theme.ts';

export interface ThumbnailWish {
  layout: ThumbnailLayout;
  headline: string;
  theme: ThemeChoice;
  /** The frame below, of this size. */
  jpeg: Buffer;
  width: number;
  height: number;
}

interface Canvas extends Omit<ThumbnailWish, 'theme'> {
  theme: Theme;
  /** Pixels for one of a picture whose shorter side has 1080. */
  unit: number;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Letters this high are still read when the picture is shown 168 pixels wide. */
const largest = 168;
/** A headline in one colour stands out this much at least; a second colour that does not is left out. */
const minContrast = 7;

/** Pure: a frame with its headline as SVG of the frame's size; opaque everywhere. */
export function buildThumbnail({ theme, ...wish }: ThumbnailWish): string {
  const canvas: Canvas = { ...wish, theme: chooseTheme(theme), unit: Math.min(wish.width, wish.height) / 1080 };
  const size = `width="${wish.width}" height="${wish.height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${layouts[wish.layout](canvas)}</svg>`;
}

const layouts: Record<ThumbnailLayout, (canvas: Canvas) => string> = {
  full: layFull,
  panel: layPanel,
  split: laySplit,
};

/** The whole frame, darkened towards its foot, where the headline stands. */
function layFull(canvas: Canvas): string {
  const { width, height, unit, theme } = canvas;
  const [dark, light] = [theme.panel, theme.text].sort((one, other) => contrast(one, '#000000') - contrast(other, '#000000')) as [
    string,
    string,
  ];
  const margin = 72 * unit;
  const text = fitHeadline(canvas, { maxWidth: width - 2 * margin, maxLines: width > height ? 2 : 4 });
  const top = height - margin - heightOf(text);
  const stops = [
    [Math.max(0, top - 0.24 * height), 0],
    [top, 0.8],
    [height, 0.94],
  ].map(([y, opacity]) => `<stop offset="${round(y! / height)}" stop-color="${dark}" stop-opacity="${opacity}"/>`);
  return [
    drawFrame(canvas, { x: 0, y: 0, width, height }),
    `<defs><linearGradient id="shade" x1="0" y1="0" x2="0" y2="1">${stops.join('')}</linearGradient></defs>`,
    drawRect({ x: 0, y: 0, width, height }, { fill: 'url(#shade)' }),
    drawRect({ x: margin, y: top - 30 * unit, width: 150 * unit, height: 16 * unit }, { fill: theme.accent, radius: 8 * unit }),
    drawText(text, { x: margin, y: top + text.size, fill: light, bold: true, outline: dark }),
  ].join('');
}

/** A panel with the headline on the left, the middle of the frame beside it; below it on upright pictures. */
function layPanel(canvas: Canvas): string {
  const { width, height, unit, theme } = canvas;
  const upright = height > width;
  const panel = upright
    ? { x: 0, y: 0.58 * height, width, height: 0.42 * height }
    : { x: 0, y: 0, width: Math.round(0.48 * width), height };
  const frame = upright ? { x: 0, y: 0, width, height: panel.y } : { x: panel.width, y: 0, width: width - panel.width, height };
  const margin = 72 * unit;
  const text = fitHeadline(canvas, { maxWidth: panel.width - 2 * margin, maxLines: 4 });
  const top = panel.y + (panel.height - heightOf(text)) / 2;
  const edge = 18 * unit;
  return [
    drawFrame(canvas, frame),
    drawRect(panel, { fill: theme.panel }),
    drawRect(upright ? { ...panel, height: edge } : { x: panel.width - edge, y: 0, width: edge, height }, { fill: theme.accent }),
    drawTwoColours(text, { x: margin, top }, theme),
  ].join('');
}

/** The frame above a slanted band with the headline. */
function laySplit(canvas: Canvas): string {
  const { width, height, unit, theme } = canvas;
  const margin = 72 * unit;
  const text = fitHeadline(canvas, { maxWidth: width - 2 * margin, maxLines: width > height ? 2 : 4 });
  const slant = 0.07 * height;
  const top = height - 40 * unit - heightOf(text);
  const edge = top - 30 * unit;
  const band = (rise: number) => `M0 ${round(edge - rise)} L${width} ${round(edge - slant - rise)} L${width} ${height} L0 ${height} Z`;
  return [
    drawFrame(canvas, { x: 0, y: 0, width, height: edge }),
    `<path d="${band(18 * unit)}" fill="${theme.accent}"/><path d="${band(0)}" fill="${theme.panel}"/>`,
    drawTwoColours(text, { x: margin, top }, theme),
  ].join('');
}

/** Large, but no word broken while it is still legible. */
function fitHeadline({ headline, unit }: Canvas, { maxWidth, maxLines }: { maxWidth: number; maxLines: number }): FittedText {
  const longest = Math.max(
    ...cleanText(headline)
      .split(' ')
      .map((word) => widthOf(word, 1)),
  );
  const size = Math.max((largest / 2) * unit, Math.min(largest * unit, maxWidth / longest));
  return fitText(headline, { size, maxWidth, maxLines, least: 0.6 });
}

/** The last line in the accent, where that can be read as well as the rest. */
function drawTwoColours({ lines, size }: FittedText, at: { x: number; top: number }, theme: Theme): string {
  const last = lines.length > 1 && contrast(theme.accentText, theme.panel) >= minContrast ? theme.accentText : theme.text;
  const y = at.top + size;
  return [
    drawText({ lines: lines.slice(0, -1), size }, { x: at.x, y, fill: theme.text, bold: true }),
    drawText({ lines: lines.slice(-1), size }, { x: at.x, y: y + (lines.length - 1) * size * lineHeight, fill: last, bold: true }),
  ].join('');
}

/** The upper middle of the frame, where heads are, filling the box. */
function drawFrame({ jpeg }: Canvas, { x, y, width, height }: Box): string {
  const place = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  return `<image ${place} preserveAspectRatio="xMidYMin slice" href="data:image/jpeg;base64,${jpeg.toString('base64')}"/>`;
}
