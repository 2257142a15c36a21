import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { renderChunk } from '#media/render/chunk';
import { readPictureTimes } from '#media/render/transport-stream';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { readSource } from '../helpers/source-facts.ts';
import { framesOf, specFor } from '../helpers/specs.ts';

const x264 = (...options: string[]) => ['-c:v', 'libx264', '-preset', 'ultrafast', ...options];
const clips = [
  { name: 'closed.mp4', what: '29.97 fps, B-frames, closed GOPs', fps: '30000/1001', encode: x264('-bf', '3', '-g', '60') },
  {
    name: 'open.mp4',
    what: '25 fps, open GOPs',
    fps: '25/1',
    encode: x264('-bf', '3', '-g', '48', '-sc_threshold', '0', '-x264-params', 'open-gop=1'),
  },
  {
    name: 'late.mkv',
    what: '23.976 fps in Matroska, starting at 5 s',
    fps: '24000/1001',
    encode: x264('-bf', '2', '-g', '250', '-output_ts_offset', '5'),
  },
  {
    name: 'plain.mp4',
    what: '30 fps without B-frames, starting late',
    fps: '30/1',
    encode: x264('-bf', '0', '-g', '50', '-output_ts_offset', '2'),
  },
  { name: 'fast.mp4', what: '60 fps, two reference B-frames', fps: '60/1', encode: x264('-bf', '5', '-b-pyramid', 'normal', '-g', '100') },
  { name: 'mpeg2.mkv', what: 'MPEG-2', fps: '25/1', encode: ['-c:v', 'mpeg2video', '-bf', '2', '-g', '15', '-q:v', '3'] },
  {
    name: 'vp9.webm',
    what: 'VP9 with hidden frames',
    fps: '30/1',
    encode: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '60', '-auto-alt-ref', '1', '-lag-in-frames', '16'],
  },
];
/** Ranges that begin before, on and after key frames of the clips above, one of a single frame, gaps of one frame and of many. */
const cuts: FrameRange[][] = [
  [range(0, 3), range(4, 9), range(59, 62), range(100, 101)],
  [range(45, 47), range(48, 50), range(60, 61), range(96, 104)],
  [range(47, 49), range(95, 97), range(149, 160)],
];

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chunk-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('a piece shows exactly the planned source frames', () => {
  it.each(clips)('of $what', async ({ name, fps, encode }) => {
    const path = join(folder, name);
    await makeCounterClip(path, { fps, frames: 160, encode });
    const source = await readSource(path);
    for (const keep of cuts) {
      const piece = await render(source, keep);
      expect(await readCounter(piece.path)).toEqual(framesOf(keep));
    }
  });

  it('of a clip stored on its side, upright', async () => {
    const plain = join(folder, 'upright.mp4');
    const turned = join(folder, 'turned.mp4');
    await makeCounterClip(plain, { fps: '30/1', frames: 60, encode: [...x264('-g', '30'), '-vf', 'transpose=cclock'] });
    await turn(plain, turned);
    const source = await readSource(turned);
    expect(source.video).toMatchObject({ width: 96, height: 320, display_width: 320, display_height: 96 });
    const piece = await render(source, [range(28, 33), range(40, 42)]);
    expect(await readCounter(piece.path)).toEqual([28, 29, 30, 31, 32, 40, 41]);
  });

  it('as HEVC', async () => {
    const path = join(folder, 'hevc-source.mp4');
    await makeCounterClip(path, { fps: '30/1', frames: 60, encode: x264('-g', '30') });
    const source = await readSource(path);
    const spec = specFor(source, [range(3, 20), range(40, 41)], { codec: 'hevc', name: 'libx265' });
    const piece = await renderChunk({ spec, sourcePath: path, tools }, { cwd: folder, signal: new AbortController().signal });
    expect(await readCounter(piece.path)).toEqual(framesOf(spec.keep));
  });
});

it('a source that ends before the plan does is refused, never delivered short', async () => {
  const path = join(folder, 'short.mp4');
  await makeCounterClip(path, { fps: '30/1', frames: 40, encode: x264('-g', '30') });
  const source = await readSource(path);
  await expect(render(source, [range(30, 50)])).rejects.toMatchObject({
    code: 'OUTPUT_INVALID',
    message: expect.stringContaining('10 frames'),
  });
});

it('a source with pictures that cannot be decoded is the fault of the footage, said with their number', async () => {
  const path = join(folder, 'damaged.mp4');
  await makeCounterClip(path, { fps: '30/1', frames: 40, encode: x264('-g', '40', '-bf', '0') });
  const source = await readSource(path);
  await blankPackets(path, 10, 13);
  await expect(render(source, [range(0, 40)])).rejects.toMatchObject({
    code: 'SOURCE_UNREADABLE',
    message: 'The footage is damaged: 3 of 40 frames within 0–40 cannot be decoded.',
  });
});

it('pictures are counted on disk, with their times one frame apart', async () => {
  const path = join(folder, 'count.mp4');
  await makeCounterClip(path, { fps: '30/1', frames: 40, encode: x264('-g', '30') });
  const piece = await render(await readSource(path), [range(0, 20)]);
  const times = (await readPictureTimes(piece.path)).toSorted((a, b) => a - b);
  expect(times.map((time) => time - times[0]!)).toEqual(Array.from({ length: 20 }, (_, index) => index * 3000));
});

/** Zeros where packets were, the index left as it is: what a bad disk leaves. */
async function blankPackets(path: string, from: number, to: number): Promise<void> {
  const { stdout } = await promisify(execFile)('ffprobe', ['-v', 'error', '-show_entries', 'packet=pos,size', '-of', 'csv=p=0', path]);
  await using file = await open(path, 'r+');
  for (const line of stdout.trim().split('\n').slice(from, to)) {
    const [size, position] = line.split(',').map(Number);
    await file.write(Buffer.alloc(size!), 0, size!, position!);
  }
}

/** Marks a stored clip as lying on its side, the way phones do. */
async function turn(from: string, to: string): Promise<void> {
  await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-i', from, '-c', 'copy', '-metadata:s:v:0', 'rotate=270', to]);
}

function render(source: Awaited<ReturnType<typeof readSource>>, keep: FrameRange[]) {
  const spec = specFor(source, keep);
  return renderChunk({ spec, sourcePath: source.path, tools }, { cwd: folder, signal: new AbortController().signal });
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
