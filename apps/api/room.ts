import { statfs } from 'node:fs/promises';
import { CutroomError } from '#contracts/errors';

/** Refuses an upload that would fill the disk beyond `minFreeShare`, before its first byte. */
export async function checkRoom(dir: string, { bytes, minFreeShare }: { bytes: number; minFreeShare: number }): Promise<void> {
  const { bavail, blocks, bsize } = await statfs(dir);
  if (bavail * bsize - bytes < blocks * bsize * minFreeShare)
    throw new CutroomError('STORAGE_FULL', 'The disk has no room for this upload.');
}
