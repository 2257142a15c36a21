import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CutroomError } from '#contracts/errors';
import type { Facts } from '#contracts/footage';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { intermediateFile, runNormalize } from '#media/source/normalize';
import { probeMedia, probeSource } from '#media/source/probe';
import { hasSharedMedia, listSharedMedia, sharedMediaReason } from '../helpers/shared-media.ts';

const cwd = mkdtempSync(join(tmpdir(), 'probe-'));
const signal = new AbortController().signal;
const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=4'];
const sound = ['-f', 'lavfi', '-i', 'sine=d=4:r=48000'];
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'];
let media: MediaTools;

beforeAll(async () => {
  media = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

function make(name: string, ...options: string[]): string {
  execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-y', ...options, join(cwd, name)]);
  return join(cwd, name);
}
const probe = (path: string) => probeSource(path, { media, cwd, signal });

describe('the facts of footage', () => {
  test('hold known groups of pictures, frame by frame', async () => {
    const gop = 'keyint=20:min-keyint=20:scenecut=0:bframes=3:b-adapt=0:open-gop=1';
    const facts = await probe(make('open.mp4', ...picture, ...x264, '-x264-params', gop, '-bf', '3'));
    expect(facts.video).toMatchObject({ fps: '25/1', frames: 100, cfr: true, keyframes: [0, 20, 40, 60, 80], start_s: 0 });
    expect(facts.video.open_gops.length).toBeGreaterThan(0);
    expect(facts).toMatchObject({ normalize: [], audio: null, audio_tracks: 0, duration_s: 4 });
  });

  test('tell how far sound and pictures are apart', async () => {
    const path = make('late.mp4', '-itsoffset', '0.4', ...picture, ...sound, ...x264, '-fps_mode', 'passthrough', '-c:a', 'aac');
    const { video, audio, container_start_s } = await probe(path);
    expect(video.start_s - audio!.start_s).toBeCloseTo(0.4, 1);
    expect(container_start_s).toBeCloseTo(0, 1);
  });

  test('know deep colour, fields and wide samples', async () => {
    const hdr = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
    const deep = await probe(make('deep.mp4', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le', ...hdr));
    expect(deep.video).toMatchObject({ bit_depth: 10, hdr: true, color: { space: 'bt2020nc' } });
    const fields = ['-vf', 'setsar=16/11', '-flags', '+ilme+ildct', '-c:v', 'mpeg2video', '-top', '1'];
    const laced = await probe(make('laced.mkv', ...picture, ...fields));
    expect(laced.video).toMatchObject({ field_order: 'tff', sar: '16:11', display_width: 465, display_height: 180 });
  });

  test('of sound alone are told at the upload and refused as footage', async () => {
    const path = make('sound.m4a', ...sound, '-c:a', 'aac');
    const described = await probeMedia(path, { media, cwd, signal });
    expect(described).toMatchObject({ video: null, audio: { codec: 'aac', sample_rate: 48000, channels: 1, tracks: 1 } });
    await expect(probe(path)).rejects.toMatchObject({ code: 'SOURCE_HAS_NO_VIDEO' });
  });

  test('find a duration that the header does not name', async () => {
    const path = make('live.webm', ...picture, '-c:v', 'libvpx', '-deadline', 'realtime', '-live', '1');
    expect((await probeMedia(path, { media, cwd, signal })).duration_s).toBeCloseTo(4, 0);
  });
});

describe('an intermediate', () => {
  const drop = ['-vf', "select='not(eq(mod(n,3),2))'", '-fps_mode', 'vfr'];
  test.each([
    ['dropped frames', 'vfr.mp4', [...picture, ...drop, ...x264], { reasons: ['vfr'], frames: 100 }],
    ['an MPEG transport stream', 'a.ts', [...picture, ...x264, '-bf', '2'], { reasons: ['container'], frames: 100 }],
    ['an AVI file', 'a.avi', [...picture, '-c:v', 'mpeg4'], { reasons: ['container'], frames: 100 }],
  ])('of %s has every frame on a grid of closed groups', async (_, name, options, expected) => {
    const path = make(name, ...options);
    const facts = await probe(path);
    expect(facts.normalize).toEqual(expect.arrayContaining(expected.reasons));
    const video = await runNormalize({ path, facts }, { media, cwd, signal });
    expect(video).toMatchObject({ fps: '25/1', cfr: true, start_s: 0, rotation: 0, open_gops: [], keyframes: [0, 25, 50, 75] });
    expect(Math.abs(video.frames - expected.frames)).toBeLessThanOrEqual(1);
  });

  test('shows each picture when the upload shows it', async () => {
    const path = make('late.ts', '-itsoffset', '0.5', ...picture, ...sound, ...x264, '-c:a', 'aac', '-output_ts_offset', '7');
    const facts = await probe(path);
    await runNormalize({ path, facts }, { media, cwd, signal });
    const difference = execFileSync('ffmpeg', [
      ...['-nostdin', '-v', 'error', '-i', path, '-i', join(cwd, intermediateFile)],
      ...[
        '-filter_complex',
        '[0:v]setpts=N/25/TB,settb=1/25[a];[1:v]setpts=N/25/TB,settb=1/25[b];[a][b]psnr=stats_file=-',
        '-an',
        '-f',
        'null',
        '-',
      ],
    ]).toString();
    const values = [...difference.matchAll(/psnr_y:([\d.]+|inf)/g)].map((match) => Number(match[1]));
    expect(values.length).toBe(100);
    expect(Math.min(...values)).toBeGreaterThan(35);
  });

  test('is as upright as a person sees the upload', async () => {
    const plain = make('plain.mp4', ...picture, ...x264);
    const path = make('turned.mp4', '-i', plain, '-c', 'copy', '-metadata:s:v', 'rotate=90');
    const facts = await probe(path);
    expect(facts.video).toMatchObject({ width: 320, height: 180, display_width: 180, display_height: 320 });
    const video = await runNormalize({ path, facts }, { media, cwd, signal });
    expect(video).toMatchObject({ width: 180, height: 320, rotation: 0 });
  });
});

describe.skipIf(!hasSharedMedia)(`real footage${sharedMediaReason}`, () => {
  const files = [...listSharedMedia('video'), ...listSharedMedia('talk')];
  const longestS = 12; // longer ones would take more time to decode than all others together

  test.each(files.map((path) => [basename(path), path]))('%s has as many frames as decode, or is refused by type', async (_, path) => {
    const facts = await probe(path).catch((error: unknown) => error);
    if (facts instanceof Error) return expect((facts as CutroomError).row).toMatchObject({ status: 422, disposition: 'fail' });
    const { video, duration_s } = facts as Facts;
    if (duration_s > longestS) return expect(video.cfr).toBe(true);
    const args = [
      '-v',
      'error',
      '-count_frames',
      '-select_streams',
      String(video.index),
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
    ];
    expect(video.frames).toBe(Number.parseInt(execFileSync('ffprobe', [...args, `file:${path}`]).toString(), 10));
  });
});
