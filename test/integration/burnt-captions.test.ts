import '../helpers/scratch.ts';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanWord } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { buildAss } from '#media/captions/ass';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';

interface Seen {
  /** Middle of the highlighted word, in pixels from the left; null when nothing is highlighted. */
  activeX: number | null;
  /** Around everything drawn. */
  box: { left: number; right: number; bottom: number } | null;
}

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burn-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  await symlink(tools.fonts.dir, join(folder, 'fonts'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function burn(words: PlanWord[], clip: { width: number; height: number; fps: string; frames: number }): Promise<Seen[]> {
  const { width, height, fps, frames } = clip;
  await writeFile(join(folder, 'cap.ass'), buildAss(words, { width, height, fps: toFps(fps), font: 'DejaVu Sans' }));
  const chunks: Buffer[] = [];
  await tools.run(
    {
      inputs: [{ format: 'lavfi', path: `color=black:size=${width}x${height}:rate=${fps}` }],
      outputs: [
        {
          path: 'pipe:1',
          options: ['-vf', 'subtitles=cap.ass:fontsdir=fonts', '-frames:v', String(frames), '-pix_fmt', 'rgb24', '-f', 'rawvideo'],
        },
      ],
    },
    { cwd: folder, signal: AbortSignal.timeout(60_000), onStdout: (chunk) => void chunks.push(chunk) },
  );
  const pixels = Buffer.concat(chunks);
  expect(pixels.length).toBe(frames * width * height * 3);
  return Array.from({ length: frames }, (_, frame) =>
    look(pixels.subarray(frame * width * height * 3, (frame + 1) * width * height * 3), width),
  );
}

/** White is a word of the line, yellow the active one, on black. */
function look(pixels: Buffer, width: number): Seen {
  let sum = 0;
  let count = 0;
  const box = { left: Number.POSITIVE_INFINITY, right: -1, bottom: -1 };
  for (let at = 0; at < pixels.length; at += 3) {
    const [red, blue] = [pixels[at]!, pixels[at + 2]!];
    if (red < 100) continue;
    const x = (at / 3) % width;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.bottom = Math.floor(at / 3 / width);
    if (blue > 60) continue;
    sum += x;
    count++;
  }
  return { activeX: count > 0 ? sum / count : null, box: box.right < 0 ? null : box };
}

const clip = { width: 320, height: 180, frames: 60 };

describe('burnt captions', () => {
  it.each(['24000/1001', '25/1', '30000/1001', '60000/1001'])('light up each word on exactly its frames at %s', async (fps) => {
    const second = 1 / toFps(fps);
    const line = [
      { text: 'one', from: 5, to: 12 },
      { text: 'two', from: 12, to: 13 },
      { text: 'three', from: 13, to: 20 },
    ];
    const planned = [...line, { text: 'four', from: 41, to: 50 }];
    const words = planned.map(({ text, from, to }) => ({ text, start_s: from * second, end_s: to * second }));
    const seen = await burn(words, { ...clip, fps });
    const plannedAt = (frame: number) => planned.findIndex(({ from, to }) => frame >= from && frame < to);
    expect(seen.map(({ activeX }) => activeX !== null)).toEqual(seen.map((_, frame) => plannedAt(frame) >= 0));
    expect(seen.map(({ box }) => box !== null)).toEqual(seen.map((_, frame) => plannedAt(frame) >= 0));
    const middles = line.map(({ to }) => seen[to - 1]!.activeX!);
    const shown = seen.slice(5, 20).map(({ activeX }) => nearest(middles, activeX!));
    expect(shown).toEqual(Array.from({ length: 15 }, (_, index) => plannedAt(index + 5)));
  });

  it.each([
    { what: 'wide', width: 640, height: 360 },
    { what: 'upright', width: 360, height: 640 },
  ])('stay inside the safe area of a $what picture, long words too', async ({ width, height }) => {
    const words = ['WWWWWWWWWWWWWWWWWW', 'Donaudampfschifffahrtsgesellschaft', '{\\an8}top', 'MMMM MMMM MMMM'].map((text, index) => ({
      text,
      start_s: index * 0.4,
      end_s: index * 0.4 + 0.4,
    }));
    const seen = await burn(words, { width, height, fps: '25/1', frames: 40 });
    expect(seen.every(({ box }) => box !== null)).toBe(true);
    for (const { box } of seen) {
      expect(box!.left).toBeGreaterThanOrEqual(width * 0.05);
      expect(box!.right).toBeLessThanOrEqual(width * 0.95);
      expect(box!.bottom).toBeLessThanOrEqual(height * 0.85);
      expect(box!.bottom).toBeGreaterThanOrEqual(height * 0.7);
    }
  });
});

function nearest(middles: number[], x: number): number {
  const distances = middles.map((middle) => Math.abs(middle - x));
  return distances.indexOf(Math.min(...distances));
}
