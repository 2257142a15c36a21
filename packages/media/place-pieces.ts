import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Codec } from '#contracts/request';
import { buildConcatList, toPieceName } from './join.ts';

/** Gives pieces the names a join knows them by, and writes their list; the pieces stay where they are. */
export async function placePieces(
  pieces: readonly { path: string; frames: number }[],
  { cwd, fps, codec }: { cwd: string; fps: string; codec: Codec },
): Promise<void> {
  await Promise.all(pieces.map(({ path }, index) => symlink(path, join(cwd, toPieceName(index, codec)))));
  const list = buildConcatList(pieces, { fps, codec });
  await writeFile(join(cwd, list.name), list.text);
}
