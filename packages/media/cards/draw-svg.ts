import { join } from 'node:path';
import { Resvg, type ResvgRenderOptions, renderAsync } from '@resvg/resvg-js';

/** RGBA, straight alpha, row by row. */
export interface Bitmap {
  width: number;
  height: number;
  pixels: Buffer;
}

/** Draws SVG with the bundled fonts and nothing else of this machine; links in it lead nowhere. The one file that knows resvg. */
export function drawSvg(svg: string, fontDir: string): Bitmap {
  const image = render(svg, fontDir);
  return { width: image.width, height: image.height, pixels: toStraight(image.pixels) };
}

/** An opaque picture, drawn beside the event loop: a large one takes a good part of a second. */
export async function drawOpaque(svg: string, fontDir: string): Promise<Bitmap> {
  const { width, height, pixels } = await renderAsync(svg, toOptions(svg, fontDir));
  return { width, height, pixels };
}

export const drawPng = (svg: string, fontDir: string): Buffer => render(svg, fontDir).asPng();

const sans = ['DejaVuSansCondensed.ttf', 'DejaVuSansCondensed-Bold.ttf'];
const serif = 'DejaVuSerif-Italic.ttf';

const render = (svg: string, fontDir: string) => new Resvg(svg, toOptions(svg, fontDir)).render();

function toOptions(svg: string, fontDir: string): ResvgRenderOptions {
  const files = svg.includes('DejaVu Serif') ? [...sans, serif] : sans;
  const fontFiles = files.map((file) => join(fontDir, file));
  return { font: { loadSystemFonts: false, fontFiles, defaultFontFamily: 'DejaVu Sans' }, logLevel: 'off' };
}

/** resvg multiplies colours by alpha; only edges and see-through parts need to be divided again. */
function toStraight(pixels: Buffer): Buffer {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3]!;
    if (alpha === 0 || alpha === 255) continue;
    for (let channel = at; channel < at + 3; channel++) pixels[channel] = Math.min(255, Math.round((pixels[channel]! * 255) / alpha));
  }
  return pixels;
}
