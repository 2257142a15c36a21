import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileStorage } from '#storage/file';
import { createMemoryStorage } from '#storage/memory';
import { probeConditionalCreate } from '#storage/open';
import { createS3Storage } from '#storage/s3';
import { parseS3Address } from '#storage/s3-address';
import type { Storage } from '#storage/storage';
import { startFakeS3 } from '../helpers/fake-s3.ts';

const stores: Record<string, (folder: string) => Promise<Storage>> = {
  file: (folder) => createFileStorage(join(folder, 'store')),
  memory: async () => createMemoryStorage(),
  s3: async (folder) => {
    const server = await startFakeS3();
    const storage = await createS3Storage(parseS3Address(server.url), { dir: join(folder, 'copies'), maxBytes: 1e6 });
    return { ...storage, close: () => storage.close().then(server.close) };
  },
};

describe.each(Object.keys(stores))('the %s store', (kind) => {
  const { signal } = new AbortController();
  let folder: string;
  let storage: Storage;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutroom-storage-'));
    storage = await stores[kind]!(folder);
  });
  afterEach(async () => {
    await storage.close();
    await rm(folder, { recursive: true });
  });

  it('gives back what was put, byte for byte', async () => {
    const bytes = randomBytes(300_000);
    await storage.put('a/b/c.bin', bytes);
    expect((await storage.get('a/b/c.bin'))?.equals(bytes)).toBe(true);
    expect(await storage.stat('a/b/c.bin')).toEqual({ bytes: 300_000, modifiedMs: expect.closeTo(Date.now(), -5) });
  });

  it('answers null for what is not there', async () => {
    await storage.put('a/b/c', Buffer.from('x'));
    for (const key of ['none', 'a', 'a/b', 'a/b/none', 'a/b/c/d']) {
      expect(await storage.get(key)).toBeNull();
      expect(await storage.stat(key)).toBeNull();
    }
  });

  it('keeps its own copy of the bytes', async () => {
    const bytes = Buffer.from('before');
    await storage.put('key', bytes);
    bytes.fill('x');
    (await storage.get('key'))?.fill('y');
    expect((await storage.get('key'))?.toString()).toBe('before');
  });

  it('overwrites with put, and never shows a mixture of old and new', async () => {
    await storage.put('key', Buffer.alloc(100_000, 'a'));
    const writer = (async () => {
      for (const letter of 'bcdefgh') await storage.put('key', Buffer.alloc(100_000, letter));
    })();
    for (let i = 0; i < 50; i++) {
      const seen = await storage.get('key');
      expect(seen?.equals(Buffer.alloc(100_000, seen.subarray(0, 1)))).toBe(true);
    }
    await writer;
  });

  it('lets exactly one of 50 creators win, and keeps the winner', async () => {
    const won = await Promise.all(Array.from({ length: 50 }, (_, i) => storage.create('t/race.json', Buffer.from(`${i}`))));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await storage.get('t/race.json'))?.toString()).toBe(`${won.indexOf(true)}`);
  });

  it('creates again what was deleted, and deletes what is not there', async () => {
    expect(await storage.create('x/y/z', Buffer.from('1'))).toBe(true);
    expect(await storage.create('x/y/z', Buffer.from('2'))).toBe(false);
    await storage.delete('x/y/z');
    await storage.delete('x/y/z');
    expect(await storage.get('x/y/z')).toBeNull();
    expect(await storage.create('x/y/z', Buffer.from('3'))).toBe(true);
  });

  it('stands creators and deleters in one folder at the same time', async () => {
    const rounds = Array.from({ length: 40 }, async (_, i) => {
      expect(await storage.create(`busy/folder/${i}`, Buffer.from('x'))).toBe(true);
      await storage.delete(`busy/folder/${i}`);
    });
    await Promise.all(rounds);
    expect(await storage.list('')).toEqual([]);
  });

  it('lists in byte order, slash included', async () => {
    const keys = ['a-1', 'a/1', 'a/1-x', 'a/1.json', 'a/10', 'a0', 'A/z', 'b/B', 'b/_', 'b/a', 'a/2/x', 'a/2-x'];
    for (const key of keys) await storage.put(key, Buffer.from('x'));
    const inOrder = [...keys].sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
    expect(await storage.list('')).toEqual(inOrder);
    expect(await storage.list('a')).toEqual(inOrder.filter((key) => key.startsWith('a')));
    expect(await storage.list('a/1')).toEqual(['a/1', 'a/1-x', 'a/1.json', 'a/10']);
    expect(await storage.list('a/')).toEqual(inOrder.filter((key) => key.startsWith('a/')));
    for (const after of inOrder) expect(await storage.list('', { after })).toEqual(inOrder.slice(inOrder.indexOf(after) + 1));
    expect(await storage.list('none/')).toEqual([]);
  });

  it('lists 1000 keys in pages that neither repeat nor miss one', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `t/${i % 7}/k-${String(i).padStart(4, '0')}`);
    await Promise.all(keys.map((key) => storage.create(key, Buffer.from(key))));
    const seen: string[] = [];
    for (;;) {
      const page = await storage.list('t/', { limit: 33, ...(seen.length > 0 ? { after: seen.at(-1)! } : {}) });
      seen.push(...page);
      if (page.length < 33) break;
    }
    expect(seen).toEqual([...keys].sort());
  });

  it.each([
    [undefined, '0123456789'],
    [{ start: 0, end: 0 }, '0'],
    [{ start: 3, end: 6 }, '3456'],
    [{ start: 9, end: 9 }, '9'],
    [{ start: 7, end: 50 }, '789'],
  ])('reads the range %j', async (range, expected) => {
    await storage.put('digits', Buffer.from('0123456789'));
    expect(await textOf(await storage.read('digits', range))).toBe(expected);
  });

  it('says NOT_FOUND before the first byte', async () => {
    await expect(storage.read('none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(storage.openFile('none', signal)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await storage.put('a/b', Buffer.from('x'));
    await expect(storage.read('a')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes a file, unless the key exists, and opens it as a file', async () => {
    const [first, second] = [join(folder, 'first'), join(folder, 'second')];
    await writeFile(first, 'first');
    await writeFile(second, 'second');
    await storage.putFile('blobs/aa/x', first, signal);
    await storage.putFile('blobs/aa/x', second, signal);
    await rm(first);
    expect((await storage.get('blobs/aa/x'))?.toString()).toBe('first');
    const path = await storage.openFile('blobs/aa/x', signal);
    expect((await stat(path)).size).toBe(5);
  });

  it('does nothing for a caller who has given up', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'x');
    await expect(storage.putFile('key', path, AbortSignal.abort())).rejects.toThrow();
    expect(await storage.stat('key')).toBeNull();
  });

  it.each(['', '/', '/etc/passwd', '../x', 'a/../b', 'a/..', '.', 'a//b', 'a/', 'a\\b', 'a\0b', 'é', 'a b', 'a%2e', 'x'.repeat(201)])(
    'refuses %j as a key',
    async (key) => {
      const attempts = [
        storage.get(key),
        storage.put(key, Buffer.from('x')),
        storage.create(key, Buffer.from('x')),
        storage.delete(key),
        storage.stat(key),
        storage.read(key),
        storage.putFile(key, join(folder, 'none'), signal),
        storage.openFile(key, signal),
      ];
      for (const outcome of await Promise.allSettled(attempts)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'NOT_FOUND' } });
      }
    },
  );

  it.each(['../', 'a/../', '/', 'a//'])('refuses %j as a prefix', async (prefix) => {
    await expect(storage.list(prefix)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('counts what it holds', async () => {
    await storage.put('a', Buffer.alloc(1000));
    await storage.put('b/c', Buffer.alloc(234));
    expect((await storage.usage()).bytes).toBe(1234);
  });

  it('passes the start probe and leaves nothing of it', async () => {
    await probeConditionalCreate(storage);
    expect(await storage.list('')).toEqual([]);
  });
});

it('a store that overwrites on create is refused at start', async () => {
  const memory = createMemoryStorage();
  const careless: Storage = { ...memory, create: async (key, bytes) => memory.put(key, bytes).then(() => true) };
  await expect(probeConditionalCreate(careless)).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
});

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
