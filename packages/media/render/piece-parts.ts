import { createReadStream, createWriteStream } from 'node:fs';
import { stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A stream inside a piece's file. */
export interface PiecePart {
  frames: number;
  bytes: number;
}

/** Lays streams one behind the other in one file; gives the length of each. */
export async function packParts(parts: readonly { path: string; frames: number }[], target: string): Promise<PiecePart[]> {
  const packed: PiecePart[] = [];
  for (const { path, frames } of parts) {
    await pipeline(createReadStream(path), createWriteStream(target, { flags: 'a' }));
    packed.push({ frames, bytes: (await stat(path)).size });
  }
  return packed;
}

/** The streams of a piece as files of these names; a piece of one stream stays where it is. */
export async function unpackParts(
  { path, parts }: { path: string; parts: readonly PiecePart[] },
  { cwd, names }: { cwd: string; names: readonly string[] },
): Promise<void> {
  if (parts.length === 1) return symlink(path, join(cwd, names[0]!));
  let start = 0;
  for (const [index, { bytes }] of parts.entries()) {
    await pipeline(createReadStream(path, { start, end: start + bytes - 1 }), createWriteStream(join(cwd, names[index]!)));
    start += bytes;
  }
}
