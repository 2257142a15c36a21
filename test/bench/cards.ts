import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { buildCard } from '#media/cards/build-card';
import { createPainter } from '#media/cards/draw-cards';
import { picturesOf } from '#media/cards/motion';
import { drawings } from '../helpers/drawings.ts';
import type { BenchResult } from './judge.ts';

const stage = { width: 1920, height: 1080, floor: 0.95 };
const fps = 30;
const frames = 4 * fps;

/**
 * Frames of a 1080p card per second of one core. `frames_per_s`: the frames a viewer sees, four seconds of each layout, as
 * the service draws them; `moving_frames_per_s`: only those that differ from the one before, the slowest layout.
 */
export async function benchCards(): Promise<BenchResult> {
  const fontDir = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  const measured = Object.entries(drawings({ theme: 'midnight' })).map(([name, drawing]) => {
    const { draw } = buildCard(drawing, stage);
    const pictures = picturesOf({ start: 0, frames, fps }, frames);
    const before = process.cpuUsage();
    const paint = createPainter(draw, fontDir);
    for (const picture of pictures) paint(picture);
    const { user, system } = process.cpuUsage(before);
    return { name, seconds: (user + system) / 1e6, pictures: pictures.length };
  });
  const seconds = measured.reduce((sum, one) => sum + one.seconds, 0);
  const slowest = Math.min(...measured.map((one) => one.pictures / one.seconds));
  return {
    figures: {
      frames_per_s: { value: (measured.length * frames) / seconds, atLeast: 60, unit: 'frames per core second' },
      moving_frames_per_s: { value: slowest, atLeast: 60, unit: 'frames per core second' },
    },
    facts: Object.fromEntries(measured.map(({ name, seconds: s, pictures }) => [name, `${(pictures / s).toFixed(0)} moving frames/s`])),
  };
}
