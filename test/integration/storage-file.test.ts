import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStorage } from '#storage/file';
import { createStorage } from '#storage/open';

const { signal } = new AbortController();
const writerPath = fileURLToPath(new URL('../helpers/storage-writer.ts', import.meta.url));
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutroom-store-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('a writer that is killed', () => {
  it('leaves every key it was told of, and no half of one', async () => {
    const writer = spawn(process.execPath, ['--conditions=source', '--import=tsx', writerPath, root], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    });
    const told: string[] = [];
    for await (const line of createInterface({ input: writer.stdout })) {
      told.push(line);
      if (told.length === 25) writer.kill('SIGKILL');
    }
    if (writer.signalCode === null) await once(writer, 'exit');

    const storage = await createFileStorage(root);
    const keys = await storage.list('crash/');
    expect(keys).toEqual(expect.arrayContaining(told));
    for (const key of keys) expect((await storage.stat(key))?.bytes).toBe(200_000);
  });

  it('has its temporary files swept once they are old, and those of living writers kept', async () => {
    await createFileStorage(root);
    const [old, young] = [join(root, 'tmp/old'), join(root, 'tmp/young')];
    await writeFile(old, 'half');
    await writeFile(young, 'half');
    await utimes(old, new Date(), new Date(Date.now() - 2 * 3_600_000));
    const storage = await createFileStorage(root);
    expect(await readdir(join(root, 'tmp'))).toEqual(['young']);
    expect(await storage.list('')).toEqual([]);
  });
});

describe('the file store', () => {
  it('leaves no temporary file behind, whoever wins', async () => {
    const storage = await createFileStorage(root);
    await Promise.all(Array.from({ length: 20 }, () => storage.create('a/b', Buffer.from('x'))));
    await storage.put('a/b', Buffer.from('y'));
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('hands out its own file, and takes files by link', async () => {
    const storage = await createFileStorage(root);
    const path = join(root, 'film.mp4');
    await writeFile(path, 'film');
    await storage.putFile('t/x/blobs/aa/aabb', path, signal);
    expect(await storage.openFile('t/x/blobs/aa/aabb', signal)).toBe(join(root, 'objects/t/x/blobs/aa/aabb'));
    await rm(path);
    expect(await readFile(join(root, 'objects/t/x/blobs/aa/aabb'), 'utf8')).toBe('film');
  });

  it('copies what lies on another file system', async ({ skip }) => {
    const elsewhere = await mkdtemp('/dev/shm/cutroom-').catch(() => null);
    if (elsewhere === null) return skip('this machine has no /dev/shm to copy from');
    try {
      const storage = await createFileStorage(root);
      await writeFile(join(elsewhere, 'film'), 'film');
      await storage.putFile('film', join(elsewhere, 'film'), signal);
      expect((await storage.get('film'))?.toString()).toBe('film');
      expect(await readdir(join(root, 'tmp'))).toEqual([]);
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('takes no symbolic link for a file', async () => {
    const storage = await createFileStorage(root);
    await symlink('/etc/hostname', join(root, 'link'));
    await expect(storage.putFile('film', join(root, 'link'), signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await storage.stat('film')).toBeNull();
  });

  it('is shared by several processes', async () => {
    const [one, other] = [await createFileStorage(root), await createFileStorage(root)];
    const won = await Promise.all([one.create('k', Buffer.from('1')), other.create('k', Buffer.from('2'))]);
    expect(won.filter(Boolean)).toHaveLength(1);
  });

  it('tells how much room is left', async () => {
    expect((await (await createFileStorage(root)).usage()).freeBytes).toBeGreaterThan(0);
  });
});

describe('createStorage', () => {
  const copies = { dir: '/nowhere', maxBytes: 0 };

  it('opens a file address', async () => {
    const storage = await createStorage(`file:${root}`, copies);
    expect(await storage.create('k', Buffer.from('x'))).toBe(true);
  });

  it.each(['s3://', 's3://bucket?colour=red', 'file:relative', 'http://x'])('says that it cannot open %s', async (url) => {
    await expect(createStorage(url, copies)).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
  });
});
