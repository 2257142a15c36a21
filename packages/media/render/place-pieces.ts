import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codec } from '#contracts/request';
import { buildConcatList, toPieceName } from './join.ts';
import { type PiecePart, unpackParts } from './piece-parts.ts';

/** Gives the streams of pieces the names a join knows them by, and writes their list. */
export async function placePieces(
  pieces: readonly { path: string; parts: readonly PiecePart[] }[],
  { cwd, fps, codec }: { cwd: string; fps: string; codec: Codec },
): Promise<void> {
  let count = 0;
  for (const piece of pieces) {
    const first = count;
    count += piece.parts.length;
    await unpackParts(piece, { cwd, names: piece.parts.map((_, index) => toPieceName(first + index, codec)) });
  }
  await writeList(
    pieces.flatMap(({ parts }) => parts),
    { cwd, fps, codec },
  );
}

/** The list of a join over streams that have their names already. */
export async function writeList(
  parts: readonly { frames: number }[],
  { cwd, fps, codec }: { cwd: string; fps: string; codec: Codec },
): Promise<void> {
  const list = buildConcatList(parts, { fps, codec });
  await writeFile(join(cwd, list.name), list.text);
}
