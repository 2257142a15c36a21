import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CutroomError } from '#contracts/errors';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { probeMedia, probeSource } from '#media/source/probe';
import { processesOf } from '../helpers/leftovers.ts';
import { hasSharedMedia, listSharedMedia, sharedMediaReason } from '../helpers/shared-media.ts';

const folder = mkdtempSync(join(tmpdir(), 'hostile-'));
const cwd = join(folder, 'attempt');
const canary = join(folder, 'canary.ts');
const signal = new AbortController().signal;
let media: MediaTools;
let server: Server;
let visits = 0;

beforeAll(async () => {
  mkdirSync(cwd);
  media = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x240:d=1', '-c:v', 'mpeg2video', '-f', 'mpegts', canary]);
  server = createServer((_, response) => {
    visits += 1;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const playlist = (target: string) => `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${target}\n#EXT-X-ENDLIST\n`;
const address = () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
const traps: [string, () => string][] = [
  ['an HLS playlist of a local file', () => playlist(canary)],
  ['an HLS playlist by file URL', () => playlist(`file://${canary}`)],
  ['an HLS playlist of a sibling', () => playlist('../canary.ts')],
  ['an HLS master of a local playlist', () => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${join(folder, 'inner.m3u8')}\n`],
  ['an HLS playlist of an address', () => playlist(`http://${address()}/a.ts`)],
  ['an ffconcat script of a local file', () => `ffconcat version 1.0\nfile '${canary}'\n`],
  ['an ffconcat script of an address', () => `ffconcat version 1.0\nfile 'http://${address()}/a.ts'\n`],
  ['an SDP file', () => `v=0\nc=IN IP4 127.0.0.1\nm=video ${address().split(':')[1]} RTP/AVP 96\na=rtpmap:96 H264/90000\n`],
  [
    'a DASH manifest of an address',
    () =>
      `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>http://${address()}/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ],
];

describe('a file that names other files', () => {
  test.each(traps)('%s is refused by every tool, and nothing it names is read', async (_, text) => {
    writeFileSync(join(folder, 'inner.m3u8'), playlist(canary));
    const path = join(folder, 'video.mp4');
    writeFileSync(path, text());
    const read = watchReads(canary);
    const command = { inputs: [{ path }], outputs: [{ options: ['-f', 'null'], path: 'x' }] };
    await expect(probeMedia(path, { media, cwd, signal })).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    await expect(media.run(command, { cwd, signal })).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
    expect([read(), visits]).toEqual([false, 0]);
  });

  test('would be read by an unguarded ffprobe, so the watch sees what it should', () => {
    writeFileSync(join(folder, 'open.m3u8'), playlist(canary));
    const read = watchReads(canary);
    execFileSync('ffprobe', ['-v', 'error', '-allowed_extensions', 'ALL', join(folder, 'open.m3u8')]);
    expect(read()).toBe(true);
  });
});

describe.skipIf(!hasSharedMedia)(`every broken or hostile file of the collection${sharedMediaReason}`, () => {
  const files = listSharedMedia('bad').filter((path) => !path.endsWith('.py'));

  test.each(files.map((path) => [basename(path), path]))('%s is described or refused in time', async (_, path) => {
    const startedMs = performance.now();
    const answer = await probeSource(path, { media, cwd, signal }).catch((error: unknown) => error);
    if (answer instanceof Error) {
      expect(answer).toBeInstanceOf(CutroomError);
      expect((answer as CutroomError).row).toMatchObject({ status: 422, disposition: 'fail' });
    } else {
      expect(answer).toMatchObject({ container: expect.any(String), video: { frames: expect.any(Number) } });
    }
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test('leaves no process, no file and no visit behind', () => {
    expect([processesOf(cwd), readdirSync(cwd), visits]).toEqual([[], [], 0]);
  });

  test('an eleven-hour film of sixty frames is refused at once', async () => {
    const bomb = files.find((path) => path.endsWith('vfr_gap_11h.mp4'))!;
    await expect(probeSource(bomb, { media, cwd, signal })).rejects.toMatchObject({ code: 'SOURCE_TOO_LARGE' });
  });
});

/** Linux notes the first read after a change (relatime): true when that happened since. */
function watchReads(path: string): () => boolean {
  utimesSync(path, new Date(0), new Date());
  return () => statSync(path).atimeMs > 0;
}
