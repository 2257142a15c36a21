import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SmartSpan } from '#contracts/render-specs';
import type { SmartPart } from './parts.ts';

/** The first pictures of a copied run, in the source and in the joined piece. */
export interface Look {
  sourceFrame: number;
  frame: number;
  frames: number;
}

/** Beyond the deepest reordering, so that the first pictures in order of display are all decoded. */
const lookFrames = 4;

export function toLooks(parts: readonly SmartPart[]): Look[] {
  let frame = 0;
  return parts.flatMap((part) => {
    const look = { sourceFrame: part.startFrame, frame, frames: Math.min(lookFrames, part.frames) };
    frame += part.frames;
    return part.how === 'copy' ? [look] : [];
  });
}

/** Those that the decode of these spans comes by when it goes on for a few frames: a copied run begins where one of them ends. */
export function looksBehind(spans: readonly SmartSpan[], looks: readonly Look[]): Look[] {
  return looks.filter(({ sourceFrame }) => spans.some(({ end_frame }) => end_frame === sourceFrame));
}

/** Sums of pictures as ffmpeg's `framehash` wrote them; times differ between the two sides and are left out. */
export async function readSums(cwd: string, name: string): Promise<string[]> {
  const lines = (await readFile(join(cwd, name), 'utf8')).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.split(',').at(-1)!.trim());
}
