import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { themeNames } from '#contracts/overlays';
import { type ThumbnailLayout, thumbnailLayouts } from '#contracts/plan';
import { drawOpaque } from '#media/cards/draw-svg';
import { contrast } from '#media/cards/theme';
import { buildThumbnail } from '#media/cards/thumbnail';

const fontDir = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
const landscape = { width: 640, height: 360 };
const upright = { width: 360, height: 640 };
type Size = typeof landscape;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'thumbnails-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Which pixels a headline changes, and the picture with and without it, over a frame of one colour. */
async function drawBoth(wish: { layout: ThumbnailLayout; theme?: (typeof themeNames)[number]; headline: string; frame: string } & Size) {
  const { width, height, frame } = wish;
  const path = join(folder, `${frame}-${width}.jpg`);
  await promisify(execFile)('ffmpeg', [
    '-v',
    'error',
    '-y',
    '-f',
    'lavfi',
    '-i',
    `color=${frame}:${width}x${height}`,
    '-frames:v',
    '1',
    path,
  ]);
  const svg = buildThumbnail({ ...wish, theme: { theme: wish.theme ?? 'midnight' }, jpeg: await readFile(path) });
  const [shown, bare] = await Promise.all([svg, svg.replace(/<text.*?<\/text>/g, '')].map((each) => drawOpaque(each, fontDir)));
  const letters: number[] = [];
  for (let at = 0; at < shown!.pixels.length; at += 4)
    if (shown!.pixels.readUInt32LE(at) !== bare!.pixels.readUInt32LE(at)) letters.push(at);
  return { svg, shown: shown!, bare: bare!, letters };
}

const colourAt = (pixels: Buffer, at: number) => `#${pixels.subarray(at, at + 3).toString('hex')}`;
const cases = thumbnailLayouts.flatMap((layout) =>
  themeNames.flatMap((theme) => ['white', 'black'].map((frame) => ({ layout, theme, frame }))),
);

describe('a headline on a thumbnail', () => {
  it.each(cases)('stands out by 7:1 from what is below it: $layout in $theme on $frame', async (choice) => {
    const { shown, bare, letters } = await drawBoth({ ...choice, ...landscape, headline: 'Why bridges fall' });
    const fill = modeOf(letters.map((at) => colourAt(shown.pixels, at)));
    const filled = letters.filter((at) => colourAt(shown.pixels, at) === fill);
    expect(filled.length / (shown.width * shown.height)).toBeGreaterThan(0.02);
    const worst = Math.min(...filled.map((at) => contrast(colourAt(shown.pixels, at), colourAt(bare.pixels, at))));
    expect(worst).toBeGreaterThanOrEqual(7);
  });

  it.each(thumbnailLayouts.flatMap((layout) => [landscape, upright].map((size) => ({ layout, ...size }))))(
    'lies inside the picture, with a margin, however long it is: $layout, $width×$height',
    async (choice) => {
      for (const headline of ['Why', 'Understanding incomprehensibilities', `${'x'.repeat(120)} ${'😀مرحبا'.repeat(12)}`]) {
        const { letters, shown } = await drawBoth({ ...choice, headline, frame: 'gray' });
        const xs = letters.map((at) => (at / 4) % shown.width);
        const ys = letters.map((at) => Math.floor(at / 4 / shown.width));
        const edges = [xs, ys].map((values) =>
          values.reduce(([least, most], value) => [Math.min(least!, value), Math.max(most!, value)], [1e9, 0]),
        );
        expect(edges[0]![0]).toBeGreaterThanOrEqual(0.02 * choice.width);
        expect(edges[0]![1]).toBeLessThanOrEqual(0.98 * choice.width);
        expect(edges[1]![0]).toBeGreaterThanOrEqual(0.02 * choice.height);
        expect(edges[1]![1]).toBeLessThanOrEqual(0.98 * choice.height);
      }
    },
  );

  it('is text and nothing else, whatever is written in it', async () => {
    for (const headline of ['</text><image href="file:///etc/passwd"/>', '&xxe; ]]> <!--', '\u202Eevil\u0000 "q\'s"']) {
      const { svg } = await drawBoth({ layout: 'full', headline, frame: 'gray', ...landscape });
      expect(svg.match(/<image /g)).toHaveLength(1);
      expect(svg.match(/href=/g)?.length).toBe(headline.includes('href') ? 2 : 1);
      expect(svg).not.toContain('file:///etc/passwd"');
    }
  });
});

it('no word is broken while it fits its line', async () => {
  for (const layout of thumbnailLayouts) {
    const { svg } = await drawBoth({ layout, headline: 'Understanding volcanoes', frame: 'gray', ...landscape });
    expect([...svg.matchAll(/>([^<]+)<\/text>/g)].map(([, line]) => line).join(' ')).toBe('Understanding volcanoes');
  }
});

function modeOf(values: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
