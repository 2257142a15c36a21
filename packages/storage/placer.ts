import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, link as linkCallback } from 'node:fs';
import { lstat, mkdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Answer } from './bundler.ts';
import { flush, flushFolder, notAFile, writeDurably } from './disk.ts';
import { hasCode } from './faults.ts';
import { createGroupCommit } from './group-commit.ts';

const link = promisify(linkCallback);

/** Brings whole, flushed files to their durable names. `temporary` lies on the file system of all target paths. */
export interface Placer {
  replace(path: string, bytes: Uint8Array): Promise<void>;
  /** Create-if-absent of one file under each of `paths`. False = there was a file, and its name is durable. */
  create(paths: readonly string[], bytes: Uint8Array): Promise<Answer[]>;
  /** Create-if-absent of a file that exists: by hard link, across file systems by copy. */
  give(file: { from: string; to: string; signal: AbortSignal }): Promise<void>;
}

export function createPlacer(temporary: string): Placer {
  const commitFolder = createGroupCommit(flushFolder);

  /** New folders are made durable as well: a file in a folder that a crash forgets is forgotten with it. */
  const makeFolders = async (folder: string): Promise<void> => {
    const first = await mkdir(folder, { recursive: true });
    if (!first) return;
    for (let made = folder; made.length >= first.length; made = dirname(made)) await commitFolder(dirname(made));
  };

  const place = async (path: string, move: () => Promise<void>): Promise<void> => {
    // Folders are made when found missing; a neighbour's delete may remove them once more while they are empty.
    for (let attempt = 1; ; attempt++) {
      try {
        return await move();
      } catch (error) {
        if (!hasCode(error, 'ENOENT') || attempt > 10) throw error;
        await makeFolders(dirname(path));
      }
    }
  };

  const linkIfAbsent = (from: string, to: string): Promise<boolean> =>
    place(to, () => link(from, to)).then(
      () => true,
      (error: unknown) => {
        if (hasCode(error, 'EEXIST')) return false;
        throw error;
      },
    );

  /** Every accepted job passes here twice: a promise for each would cost half as much again (measured: 32 µs a job, not 21). */
  const linkAll = (from: string, paths: readonly string[]): Promise<Answer[]> =>
    new Promise((resolve) => {
      const answers: Answer[] = [];
      let missing = paths.length;
      const answer = (place: number, given: Answer) => {
        answers[place] = given;
        if (--missing === 0) resolve(answers);
      };
      paths.forEach((to, place) => {
        linkCallback(from, to, (error) => {
          if (error === null) answer(place, true);
          else if (error.code === 'EEXIST') answer(place, false);
          else if (error.code !== 'ENOENT') answer(place, error);
          else
            linkIfAbsent(from, to).then(
              (created) => answer(place, created),
              (fault: Error) => answer(place, fault),
            );
        });
      });
    });

  const freshPath = () => join(temporary, randomBytes(12).toString('hex'));
  const discard = (path: string): Promise<void> => unlink(path).catch(() => {});

  const withTemporary = async <T>(use: (path: string) => Promise<T>): Promise<T> => {
    const path = freshPath();
    try {
      return await use(path);
    } finally {
      await discard(path);
    }
  };

  return {
    replace: (path, bytes) =>
      withTemporary(async (fresh) => {
        await writeDurably(fresh, bytes);
        await place(path, () => rename(fresh, path));
        await commitFolder(dirname(path));
      }),
    async create(paths, bytes) {
      const fresh = freshPath();
      try {
        await writeDurably(fresh, bytes);
        const linked = await linkAll(fresh, paths);
        // Everybody waits for this, so the temporary name goes at the same time.
        await Promise.all([discard(fresh), ...[...new Set(paths.map(dirname))].map(commitFolder)]);
        return linked;
      } catch (fault) {
        await discard(fresh);
        throw fault;
      }
    },
    async give({ from, to, signal }) {
      // A link to a symbolic link would file the link, not the bytes.
      if (!(await lstat(from)).isFile()) throw notAFile(from);
      await flush(from);
      try {
        await linkIfAbsent(from, to);
        await commitFolder(dirname(to));
      } catch (error) {
        if (!hasCode(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP')) throw error;
        await withTemporary(async (fresh) => {
          await pipeline(createReadStream(from), createWriteStream(fresh, { flags: 'wx', flush: true }), { signal });
          await linkIfAbsent(fresh, to);
          await commitFolder(dirname(to));
        });
      }
    },
  };
}
