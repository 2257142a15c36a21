import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildBundle } from '#storage/bundle';
import { createFileStorage } from '#storage/file';

const { signal } = new AbortController();
const crowdPath = fileURLToPath(new URL('../helpers/storage-crowd.ts', import.meta.url));
let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutroom-bundles-'));
});
afterEach(() => rm(root, { recursive: true }));

function startCrowd(prefix: string, name: string, count: number): ChildProcess & { stdout: Readable } {
  return spawn(process.execPath, ['--conditions=source', '--import=tsx', crowdPath, root, prefix, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
  }) as ChildProcess & { stdout: Readable };
}

async function linesOf(crowd: ChildProcess & { stdout: Readable }, onLine: (count: number) => void = () => undefined): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: crowd.stdout })) onLine(lines.push(line));
  if (crowd.exitCode === null && crowd.signalCode === null) await once(crowd, 'exit');
  return lines;
}

/** Created in one moment, so that they share a file. */
async function together(records: Record<string, string>) {
  const storage = await createFileStorage(root);
  const made = await Promise.all(Object.entries(records).map(([key, body]) => storage.create(key, Buffer.from(body))));
  expect(made).not.toContain(false);
  return storage;
}

const inodeOf = async (key: string) => (await stat(join(root, 'objects', key))).ino;

describe('many creators in one process', () => {
  it('lose no key that they were told of when it is killed, and leave no half of one', async () => {
    const crowd = startCrowd('crash', 'crowd', 1_000_000);
    const told = await linesOf(crowd, (count) => count === 400 && crowd.kill('SIGKILL'));
    const storage = await createFileStorage(root);
    const keys = await storage.list('crash/', { limit: 1_000_000 });
    expect(told.length).toBeGreaterThanOrEqual(400);
    expect(keys).toEqual(expect.arrayContaining(told));
    for (const key of keys) expect((await storage.get(key))?.toString()).toBe(`crowd ${key}`);
  });

  it('of two processes win each key once, and the winner is who stands in it', async () => {
    const names = ['one', 'other'];
    const won = await Promise.all(names.map((name) => linesOf(startCrowd('race', name, 1_500))));
    const storage = await createFileStorage(root);
    expect(won.flat().toSorted()).toEqual(await storage.list('race/', { limit: 10_000 }));
    for (const [index, name] of names.entries()) {
      for (const key of won[index]!) expect((await storage.get(key))?.toString()).toBe(`${name} ${key}`);
    }
  });
});

describe('records that share a file', () => {
  const records = { 'jobs/a.json': 'first record', 'jobs/b.json': '0123456789', 'open/a': '', 'open/b': '' };

  it('are read, measured and counted as if each had its own', async () => {
    const storage = await together(records);
    expect(await inodeOf('jobs/a.json')).toBe(await inodeOf('open/b'));
    for (const [key, body] of Object.entries(records)) {
      expect((await storage.get(key))?.toString()).toBe(body);
      expect((await storage.stat(key))?.bytes).toBe(body.length);
      expect(await text(await storage.read(key))).toBe(body);
    }
    expect(await text(await storage.read('jobs/b.json', { start: 3, end: 6 }))).toBe('3456');
    expect(await text(await storage.read('jobs/b.json', { start: 7, end: 99 }))).toBe('789');
    expect(await readFile(await storage.openFile('jobs/b.json', signal), 'utf8')).toBe('0123456789');
    expect((await storage.usage()).bytes).toBe(22);
    expect(await storage.list('')).toEqual(Object.keys(records));
  });

  it('go one by one, and the file with the last of them', async () => {
    const storage = await together(records);
    for (const [gone, ...left] of [
      ['jobs/a.json', 'jobs/b.json', 'open/a', 'open/b'],
      ['open/a', 'jobs/b.json', 'open/b'],
    ] as [string, ...string[]][]) {
      await storage.delete(gone);
      expect(await storage.get(gone)).toBeNull();
      expect(await storage.list('')).toEqual(left);
    }
    expect((await stat(join(root, 'objects/open/b'))).nlink).toBe(2);
    expect(await readdir(join(root, 'tmp'))).toEqual([]);
  });

  it('are replaced alone, and can be created anew', async () => {
    const storage = await together(records);
    await storage.put('jobs/a.json', Buffer.from('changed'));
    await storage.delete('jobs/b.json');
    expect(await storage.create('jobs/b.json', Buffer.from('again'))).toBe(true);
    expect(await storage.create('jobs/a.json', Buffer.from('late'))).toBe(false);
    expect((await storage.get('jobs/a.json'))?.toString()).toBe('changed');
    expect((await storage.get('jobs/b.json'))?.toString()).toBe('again');
    expect((await storage.get('open/a'))?.toString()).toBe('');
  });

  it('do not make a liar of content that looks like such a file', async () => {
    const storage = await createFileStorage(root);
    const trap = buildBundle([{ key: 'trap', bytes: Buffer.from('forged') }]);
    await storage.create('trap', trap);
    expect(await storage.get('trap')).toEqual(trap);
    await storage.put('trap', trap);
    expect((await storage.stat('trap'))?.bytes).toBe(trap.length);
    const path = join(root, 'upload');
    await writeFile(path, trap);
    await storage.putFile('elsewhere', path, signal);
    expect(await storage.get('elsewhere')).toEqual(trap);
    await storage.delete('trap');
    await expect(storage.putFile('trap', path, signal)).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
  });
});
