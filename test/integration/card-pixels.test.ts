import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { themeNames } from '#contracts/overlays';
import { buildCard } from '#media/cards/build-card';
import { createPainter } from '#media/cards/draw-cards';
import { drawSvg } from '#media/cards/draw-svg';
import { drawings } from '../helpers/drawings.ts';

const fontDir = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
const stage = { width: 1920, height: 1080, floor: 0.95 };

describe.each(themeNames)('cards at 1080p in %s', (theme) => {
  it.each(Object.entries(drawings({ theme })))('%s: text that stands out, on an opaque panel, with clear margins', (_name, drawing) => {
    const card = buildCard(drawing, stage);
    const image = drawSvg(card.draw(1), fontDir);
    expect([image.width, image.height]).toEqual([card.width, card.height]);
    const levels = { opaque: 0, readable: 0, atEdge: 0 };
    const panel = lumaAt(image.pixels, middleOfLeftEdge(card));
    for (let at = 0; at < image.pixels.length; at += 4) {
      const x = (at / 4) % card.width;
      const isEdge = x > card.width - 16 && drawing.kind !== 'title';
      if (image.pixels[at + 3] !== 255) continue;
      levels.opaque++;
      if (contrastOf(lumaAt(image.pixels, at), panel) >= 4.5) levels[isEdge ? 'atEdge' : 'readable']++;
    }
    const area = card.width * card.height;
    expect(levels.opaque / area).toBeGreaterThan(0.95);
    expect(levels.readable / area).toBeGreaterThan(0.015);
    expect(levels.atEdge).toBe(0);
  });
});

it('a fading card keeps its colours and loses its opacity', () => {
  const { draw } = buildCard(drawings({ theme: 'paper' }).number!, stage);
  const paint = createPainter(draw, fontDir);
  const full = paint({ progress: 1, opacity: 1 });
  const half = paint({ progress: 1, opacity: 0.5 });
  expect(half.length).toBe(full.length);
  for (let at = 0; at < full.length; at += 4001 * 4) {
    expect(half.subarray(at, at + 3)).toEqual(full.subarray(at, at + 3));
    expect(half[at + 3]).toBe(Math.round(full[at + 3]! * 0.5));
  }
});

const middleOfLeftEdge = ({ width, height }: { width: number; height: number }) => (Math.floor(height / 2) * width + 24) * 4;

/** Relative luminance by WCAG. */
function lumaAt(pixels: Buffer, at: number): number {
  const [red, green, blue] = [0, 1, 2].map((channel) => {
    const share = pixels[at + channel]! / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

const contrastOf = (one: number, other: number) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
