import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createStorage } from '#storage/open';
import { createS3Storage } from '#storage/s3';
import { parseS3Address } from '#storage/s3-address';
import type { Storage } from '#storage/storage';
import { type FakeS3, startFakeS3 } from '../helpers/fake-s3.ts';

const { signal } = new AbortController();
const threeHoursMs = 3 * 3_600_000;
let folder: string;
let server: FakeS3;
let storage: Storage;

const copies = () => join(folder, 'copies');
const open = (to: FakeS3 = server) => createS3Storage(parseS3Address(to.url), { dir: copies(), maxBytes: 2500 });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-s3-'));
  server = await startFakeS3();
  storage = await open();
});
afterEach(async () => {
  await storage.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the s3 store', () => {
  it('keeps everything below its prefix', async () => {
    await storage.put('a/b', Buffer.from('x'));
    server.objects.set('cut/rooms', Buffer.from('a neighbour'));
    expect([...server.objects.keys()]).toEqual(['cut/room/a/b', 'cut/rooms']);
    expect(await storage.list('')).toEqual(['a/b']);
  });

  it('asks again when the server is busy or a conflict is in flight', async () => {
    server.fail('PUT', 'slow_down', 'conflict', 'slow_down');
    expect(await storage.create('k', Buffer.from('1'))).toBe(true);
    server.fail('GET', 'slow_down', 'cut');
    expect((await storage.get('k'))?.toString()).toBe('1');
  });

  it('gives up with STORAGE_UNAVAILABLE, and with nothing half done', async () => {
    server.fail('PUT', 'slow_down', 'slow_down', 'slow_down', 'slow_down');
    await expect(storage.create('k', Buffer.from('1'))).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(await storage.get('k')).toBeNull();
  });

  it('knows its own commit when the answer to it was lost', async () => {
    server.fail('PUT', 'late');
    expect(await storage.create('mine', Buffer.from('1'))).toBe(true);
    server.objects.set('cut/room/other', Buffer.from('of somebody else'));
    server.fail('PUT', 'late');
    expect(await storage.create('other', Buffer.from('1'))).toBe(false);
    expect((await storage.get('other'))?.toString()).toBe('of somebody else');
  });

  it('sends large files in parts, once', async () => {
    const [path, again] = [join(folder, 'large'), join(folder, 'again')];
    const bytes = randomBytes(40_000_000);
    writeFileSync(path, bytes);
    writeFileSync(again, randomBytes(20_000_000));
    await storage.putFile('blobs/large', path, signal);
    await storage.putFile('blobs/large', again, signal);
    expect(server.objects.get('cut/room/blobs/large')?.equals(bytes)).toBe(true);
    const part = await buffer(await storage.read('blobs/large', { start: 39_999_990, end: 39_999_999 }));
    expect(part.equals(bytes.subarray(-10))).toBe(true);
  });

  it('fetches a file once for all who open it, and whole although the line was cut', async () => {
    const bytes = randomBytes(1000);
    await storage.put('film', bytes);
    server.fail('GET', 'cut');
    const before = server.requests.length;
    const paths = await Promise.all(Array.from({ length: 5 }, () => storage.openFile('film', signal)));
    expect(new Set(paths).size).toBe(1);
    expect(readFileSync(paths[0]!).equals(bytes)).toBe(true);
    await storage.openFile('film', signal);
    await (await open()).openFile('film', signal);
    expect(server.requests.length - before).toBe(2);
  });

  it('drops the copies opened longest ago, but none that may be in use', async () => {
    const names = ['a', 'b', 'c', 'd'];
    for (const name of names) await storage.put(name, randomBytes(1000));
    const [a, b] = await Promise.all(['a', 'b'].map((name) => storage.openFile(name, signal)));
    await storage.openFile('c', signal);
    expect(readdirSync(copies())).toHaveLength(3);
    for (const path of [a!, b!]) utimesSync(path, new Date(), new Date(Date.now() - threeHoursMs));
    await storage.openFile('a', signal);
    const d = await storage.openFile('d', signal);
    expect(readdirSync(copies())).toHaveLength(3);
    expect(readdirSync(copies()).map((name) => join(copies(), name))).toEqual(expect.arrayContaining([a, d]));
  });

  it('lets go of a caller who has given up, not of the fetch', async () => {
    await storage.put('film', randomBytes(1000));
    const gaveUp = new AbortController();
    const opened = storage.openFile('film', gaveUp.signal);
    const other = storage.openFile('film', signal);
    gaveUp.abort(new Error('enough'));
    await expect(opened).rejects.toThrow('enough');
    expect(readFileSync(await other)).toHaveLength(1000);
  });
});

it.each([false, true])('a server that overwrites what it should not is refused at start: %s', async (careless) => {
  const one = await startFakeS3({ careless });
  const opened = createStorage(one.url, { dir: copies(), maxBytes: 0 });
  if (careless) await expect(opened).rejects.toMatchObject({ code: 'CAPABILITY_MISSING' });
  else await (await opened).close();
  await one.close();
});

it('a bucket that does not exist is said at start', async () => {
  const opened = createStorage(server.url.replace('footage', 'other-bucket'), { dir: copies(), maxBytes: 0 });
  await expect(opened).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE', message: expect.stringContaining('NoSuchBucket') });
});
