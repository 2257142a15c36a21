import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildConcatList, toPieceName } from './join.ts';

/** Gives pieces the names a join knows them by, and writes their list; the pieces stay where they are. */
export async function placePieces(
  pieces: readonly { path: string; frames: number }[],
  { cwd, fps }: { cwd: string; fps: string },
): Promise<void> {
  await Promise.all(pieces.map(({ path }, index) => symlink(path, join(cwd, toPieceName(index)))));
  const list = buildConcatList(pieces, fps);
  await writeFile(join(cwd, list.name), list.text);
}
