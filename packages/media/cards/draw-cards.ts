import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { toFps } from '#contracts/rational';
import type { ChunkSpec } from '#contracts/render-specs';
import { buildCard } from './build-card.ts';
import type { Card } from './card.ts';
import { drawSvg } from './draw-svg.ts';
import { type CardPicture, type CardState, picturesOf } from './motion.ts';

/** A card's pictures as a file of raw RGBA frames, and when and where each is shown. */
export interface DrawnCard {
  path: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Frame of the piece from which each picture is shown, rising. */
  frames: number[];
}

/** Draws the cards of a piece into its folder: each picture once, its own box only. */
export async function drawCards(
  spec: Pick<ChunkSpec, 'overlays' | 'picture' | 'reframe' | 'video' | 'frames'>,
  { cwd, fontDir, signal }: { cwd: string; fontDir: string; signal: AbortSignal },
): Promise<DrawnCard[]> {
  const drawn: DrawnCard[] = [];
  for (const [index, { drawing, floor, start_frame, frames }] of (spec.overlays ?? []).entries()) {
    const { x, y, width, height, draw } = buildCard(drawing, { ...(spec.reframe ?? spec.picture), floor });
    const pictures = picturesOf({ start: start_frame, frames, fps: toFps(spec.video.fps) }, spec.frames);
    const path = join(cwd, `card-${index}.rgba`);
    const file = await open(path, 'w');
    try {
      await writePictures(pictures, { file, draw: createPainter(draw, fontDir), signal });
    } finally {
      await file.close();
    }
    drawn.push({ path, x, y, width, height, frames: pictures.map(({ frame }) => frame) });
  }
  return drawn;
}

/** One drawing for all states that differ in opacity alone. */
export function createPainter(draw: Card['draw'], fontDir: string): (state: CardState) => Buffer {
  let last: { progress: number; pixels: Buffer } | null = null;
  return ({ progress, opacity }) => {
    if (last?.progress !== progress) last = { progress, pixels: drawSvg(draw(progress), fontDir).pixels };
    return opacity === 1 ? last.pixels : fade(last.pixels, opacity);
  };
}

async function writePictures(
  pictures: readonly CardPicture[],
  { file, draw, signal }: { file: FileHandle; draw: (state: CardState) => Buffer; signal: AbortSignal },
): Promise<void> {
  for (const picture of pictures) {
    signal.throwIfAborted();
    await file.writeFile(draw(picture));
    await setImmediate();
  }
}

function fade(pixels: Buffer, opacity: number): Buffer {
  const faded = Buffer.from(pixels);
  for (let at = 3; at < faded.length; at += 4) faded[at] = Math.round(faded[at]! * opacity);
  return faded;
}
