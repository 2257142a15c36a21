import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Settings } from '#contracts/settings';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { decodeMessages, hasSharedMedia, probeVideoStream, sharedMedia, whyNoSharedMedia } from '../helpers/footage.ts';
import { type Edit, readFootage, renderEdit } from '../helpers/smart-edit.ts';
import { readTools } from '../helpers/tools.ts';

const output = { aspect: 'source', max_height: null, codec: 'h264', container: 'mp4', hardware: 'auto' } as const;
const sdr = { pix_fmt: 'yuv420p', color_space: 'bt709', color_transfer: 'bt709', color_primaries: 'bt709' };

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'light-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const canMap = () => tools.capabilities.filters.has('zscale') && tools.capabilities.filters.has('tonemap');

describe('recordings in HDR', () => {
  const files = [
    { file: 'ax_hdr10-av1.mp4', transfer: 'smpte2084' },
    { file: 'ax_hlg10-color-test.mp4', transfer: 'arib-std-b67' },
    { file: 'ax_dolbyVision-hdr.MOV', transfer: 'arib-std-b67' },
  ];
  it.for(files)('$file: SDR in H.264, HDR with its tags in HEVC, upright in both', async ({ file, transfer }, { skip }) => {
    if (!hasSharedMedia) skip(whyNoSharedMedia);
    if (!canMap() || !tools.capabilities.deepEncoders.has('libx265')) skip('this ffmpeg cannot map light, or has no HEVC of ten bits');
    const path = join(sharedMedia, 'video', file);
    const [mapped, kept] = [await edit(path, { codec: 'h264' }), await edit(path, { codec: 'hevc' })];
    expect(probeVideoStream(mapped.video.path)).toMatchObject(sdr);
    expect(mapped.timeline.warnings.map(({ code }) => code)).toContain('HDR_MAPPED_TO_SDR');
    const tags = { pix_fmt: 'yuv420p10le', color_space: 'bt2020nc', color_primaries: 'bt2020', color_transfer: transfer };
    expect(probeVideoStream(kept.video.path)).toMatchObject(tags);
    for (const { video, timeline } of [mapped, kept]) {
      expect(decodeMessages(video.path)).toBe('');
      expect([video.width, video.height]).toEqual([timeline.width, timeline.height]);
      expect(video.ssim!.mean).toBeGreaterThan(0.97);
    }
  });
});

it('HDR that names no colours is mapped as BT.2020: greys stay grey, in order, and bright ones are no white hole', async ({ skip }) => {
  if (!canMap()) skip('this ffmpeg cannot map light');
  // PQ codes of about 10, 100 and 600 nits; without a word of the film's own peak, 1000 nits are white
  const codes = [327, 509, 674];
  const greys = codes.map((code) => `color=black:s=64x96:r=25:d=0.4,format=yuv420p10le,geq=lum=${code}:cb=512:cr=512`);
  const graph = `${greys.map((grey, index) => `${grey}[g${index}]`).join(';')};[g0][g1][g2]hstack=3`;
  const path = make('greys.mp4', ['-filter_complex', graph, '-c:v', 'libx264', '-qp', '1', '-color_trc', 'smpte2084']);
  const { video, timeline } = await edit(path, {});
  expect(timeline.chunks[0]!.picture.assumed).toEqual({ space: 'bt2020nc', primaries: 'bt2020' });
  const shown = [32, 96, 160].map((x) => readPixel(video.path, { x, y: 48, width: 192 }));
  for (const [red, green, blue] of shown) expect(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)).toBeLessThanOrEqual(4);
  const [dark, white, bright] = shown.map(([, green]) => green!);
  expect([dark! < white!, white! < bright!, bright! < 255, white! > 110]).toEqual([true, true, true, true]);
});

describe('pixels that are not square', () => {
  const files = [
    { file: 'sar16_11_576i_dv_25s.mp4', size: [1024, 576] },
    { file: 'ae_SAR-2by3.mp4', size: [426, 360] },
    { file: 'multitrack_2audio_96k.mp4', size: [768, 576] },
  ];
  it.for(files)('of $file are delivered square', async ({ file, size }, { skip }) => {
    if (!hasSharedMedia) skip(whyNoSharedMedia);
    const { video } = await edit(join(sharedMedia, 'video', file), {});
    const stream = probeVideoStream(video.path);
    expect([stream['width'], stream['height'], stream['sample_aspect_ratio']]).toEqual([...size, '1:1']);
  });

  it.each([0, 270])('a square is a square, stored turned by %i°', async (rotate) => {
    const box = 'drawbox=x=60:y=80:w=40:h=80:color=white:t=fill,setsar=2/1';
    const plain = make(`box-${rotate}.mp4`, ['-f', 'lavfi', '-i', `color=black:s=160x240:r=25:d=0.4,${box}`, '-c:v', 'libx264']);
    const path = make(`turned-${rotate}.mp4`, ['-i', plain, '-c', 'copy', '-metadata:s:v:0', `rotate=${rotate}`]);
    const { video } = await edit(path, {});
    expect([video.width, video.height]).toEqual(rotate === 0 ? [320, 240] : [240, 320]);
    const white = findWhite(video.path, video);
    expect(Math.abs(white.width - 80)).toBeLessThanOrEqual(2);
    expect(Math.abs(white.height - 80)).toBeLessThanOrEqual(2);
  });
});

it('interlaced footage is delivered without combs, one picture for each it had', async () => {
  const weave = 'testsrc2=s=320x240:r=50:d=1,scroll=horizontal=0.02,tinterlace=mode=interleave_top';
  const encode = ['-c:v', 'libx264', '-flags', '+ilme+ildct', '-x264opts', 'tff=1', '-preset', 'ultrafast'];
  const path = make('weave.mp4', ['-f', 'lavfi', '-i', weave, ...encode]);
  const { video, timeline } = await edit(path, {});
  expect(timeline.chunks[0]!.picture.deinterlace).toBe(true);
  expect(timeline.gates).toEqual(['interlaced']);
  expect(video.frames).toBe(25);
  expect(probeVideoStream(video.path)['field_order']).toBe('progressive');
  const [before, after] = [countCombed(path), countCombed(video.path)];
  expect(before).toBeGreaterThan(20);
  expect(after).toBeLessThanOrEqual(2);
});

async function edit(path: string, wish: Partial<Settings['output']>): Promise<Edit> {
  const footage = await readFootage(path, { tools, folder });
  const keep = [{ start_frame: 0, end_frame: Math.min(30, footage.video.frames) }];
  return renderEdit({ footage, keep, change: { output: { ...output, ...wish } } }, { tools, folder });
}

function make(name: string, args: string[]): string {
  const path = join(folder, name);
  execFileSync(readTools().ffmpeg.path, ['-v', 'error', ...args, '-y', path]);
  return path;
}

/** One frame of a file as bytes. */
function readFrame(path: string, format: 'rgb24' | 'gray'): Buffer {
  const args = ['-v', 'error', '-i', path, '-vf', 'select=eq(n\\,4)', '-frames:v', '1', '-pix_fmt', format, '-f', 'rawvideo', '-'];
  return execFileSync(readTools().ffmpeg.path, args, { maxBuffer: 2 ** 26 });
}

function readPixel(path: string, { x, y, width }: { x: number; y: number; width: number }): number[] {
  const at = 3 * (y * width + x);
  return [...readFrame(path, 'rgb24').subarray(at, at + 3)];
}

function findWhite(path: string, { width, height }: { width: number; height: number }): { width: number; height: number } {
  const frame = readFrame(path, 'gray');
  const isWhite = (x: number, y: number) => frame[y * width + x]! > 128;
  const count = (length: number, test: (index: number) => boolean) =>
    Array.from({ length }, (_, index) => test(index)).filter(Boolean).length;
  return {
    width: count(width, (x) => isWhite(x, Math.round(height / 2))),
    height: count(height, (y) => isWhite(Math.round(width / 2), y)),
  };
}

/** Frames that ffmpeg's detector takes for interlaced. */
function countCombed(path: string): number {
  const args = ['-hide_banner', '-i', path, '-vf', 'idet', '-f', 'null', '-'];
  const log = execFileSync('sh', ['-c', '"$0" "$@" 2>&1', readTools().ffmpeg.path, ...args], { encoding: 'utf8' });
  const [, tff, bff] = /Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+)/.exec(log)!;
  return Number(tff) + Number(bff);
}
