import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { assembleVideo } from '#media/render/assemble';
import { renderChunk } from '#media/render/chunk';
import { examineJoined } from '#media/smart/check';
import { toLooks } from '#media/smart/looks';
import { toParts } from '#media/smart/parts';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { planFor } from '../helpers/plans.ts';
import { examine, type Footage, readFootage, renderEdit } from '../helpers/smart-edit.ts';
import { framesOf } from '../helpers/specs.ts';

const signal = new AbortController().signal;
const x264 = (...options: string[]) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-sc_threshold', '0', '-g', '30', ...options];
const hevc = { output: { aspect: 'source', max_height: null, codec: 'hevc', container: 'mp4', hardware: 'auto' } } as const;
const clips = [
  { name: 'none.mp4', what: 'no B-frames, 25 fps', fps: '25/1', encode: x264('-bf', '0') },
  { name: 'one.mp4', what: 'one B-frame, 29.97 fps', fps: '30000/1001', encode: x264('-bf', '1', '-profile:v', 'main') },
  { name: 'three.mp4', what: 'a pyramid of B-frames, 23.976 fps', fps: '24000/1001', encode: x264('-bf', '3', '-b_strategy', '0') },
  { name: 'eight.mp4', what: 'eight B-frames, 60 fps', fps: '60/1', encode: x264('-bf', '8', '-b_strategy', '0') },
  { name: 'late.mp4', what: 'a start at 3 s', fps: '30/1', encode: x264('-bf', '3', '-output_ts_offset', '3') },
  { name: 'base.mp4', what: 'Baseline and full range', fps: '30/1', encode: x264('-profile:v', 'baseline', '-vf', 'format=yuvj420p') },
  { name: 'even.mkv', what: 'Matroska, whose seeks go back further', fps: '25/1', encode: x264('-bf', '3', '-b_strategy', '0') },
];
const keep: FrameRange[] = [range(12, 62), range(63, 64), range(70, 155), range(156, 200)];

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smart-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an edit that copies what it can shows exactly the planned frames, copied ones bit for bit', () => {
  it.each(clips)('of $what', async ({ name, fps, encode }) => {
    const footage = await make(name, { fps, encode });
    const edit = await renderEdit({ footage, keep }, { tools, folder });
    expect(edit.chunks.map(({ uncopied }) => uncopied)).toEqual([null]);
    expect(await readCounter(edit.video.path)).toEqual(framesOf(keep));
    const found = await examine({ footage, keep, edit, folder });
    expect(found).toMatchObject({ frames: 180, unequal: 0, messages: '' });
    expect(found.copied).toBeGreaterThanOrEqual(60);
    expect(found.seamsMin).toBeGreaterThan(0.98);
    expect(edit.chunks[0]!.seam_ssim).toBeGreaterThan(0.98);
    expect(edit.chunks[0]!.seam_ssim).toBeGreaterThanOrEqual(found.seamsMin! - 0.001);
  });

  it('of open groups, copied from a closed one to the next', async () => {
    const footage = await make('open.mp4', { fps: '30/1', encode: openGroups() });
    const kept = [range(50, 190)];
    const edit = await renderEdit({ footage, keep: kept }, { tools, folder });
    expect(edit.spans.map(({ how, frames }) => [how, frames])).toEqual([
      ['encode', 10],
      ['copy', 120],
      ['encode', 10],
    ]);
    expect(await examine({ footage, keep: kept, edit, folder })).toMatchObject({ frames: 140, unequal: 0, messages: '' });
  });

  it('of HEVC with closed groups', async () => {
    const params = 'keyint=30:min-keyint=30:scenecut=0:open-gop=0:log-level=error';
    const footage = await make('closed-hevc.mp4', {
      fps: '30/1',
      encode: ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', params],
    });
    const edit = await renderEdit({ footage, keep, change: hevc }, { tools, folder });
    expect(edit.chunks.map(({ uncopied }) => uncopied)).toEqual([null]);
    expect(await readCounter(edit.video.path)).toEqual(framesOf(keep));
    expect(await examine({ footage, keep, edit, folder })).toMatchObject({ frames: 180, unequal: 0, messages: '' });
  });

  it('of a clip stored on its side, which players turn as before', async () => {
    const plain = await make('upright.mp4', { fps: '30/1', encode: [...x264('-bf', '2'), '-vf', 'transpose=cclock'] });
    const path = join(folder, 'turned.mp4');
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', plain.path, '-c', 'copy', '-metadata:s:v:0', 'rotate=270', path]);
    const footage = await readFootage(path, { tools, folder });
    const edit = await renderEdit({ footage, keep }, { tools, folder });
    expect(edit.timeline).toMatchObject({ rotation: footage.video.rotation, width: 320, height: 96 });
    expect(edit.chunks[0]!.seam_ssim).toBeGreaterThan(0.98);
    expect(await readCounter(edit.video.path)).toEqual(framesOf(keep));
    expect(await examine({ footage, keep, edit, folder })).toMatchObject({ frames: 180, unequal: 0, messages: '' });
  });
});

describe('what is not cut at all', () => {
  it('is one piece, and every frame of it is copied', async () => {
    const footage = await make('uncut.mp4', { fps: '30/1', encode: x264('-bf', '3') });
    const all = [range(0, 80), range(80, 200)];
    const edit = await renderEdit({ footage, keep: all }, { tools, folder });
    expect(edit.spans).toEqual([{ how: 'copy', frames: 200, source_start_frame: 0 }]);
    expect(await examine({ footage, keep: all, edit, folder })).toMatchObject({ frames: 200, copied: 200, unequal: 0, messages: '' });
  });
});

describe('a piece whose copies do not come out as planned', () => {
  it('is encoded as a whole, says why, and joins its copied neighbours', async () => {
    const footage = await make('lying.mp4', { fps: '30/1', encode: openGroups() });
    const kept = [range(5, 110), range(115, 190)];
    const [first, second] = await Promise.all(kept.map((each) => renderEdit({ footage, keep: [each] }, { tools, folder })));
    const honest = first!.timeline.chunks[0]!;
    const spans = [
      { how: 'encode', start_frame: 5, end_frame: 90, decode_from: 0 },
      { how: 'copy', start_frame: 90, end_frame: 110, decode_from: 90 },
    ] as const;
    const lying = { ...honest, smart: { ...honest.smart!, spans: [...spans] } };
    const cwd = await mkdtemp(join(folder, 'lying-'));
    const piece = await renderChunk({ spec: lying, sourcePath: footage.path, tools }, { cwd, signal });
    expect(piece.uncopied).not.toBeNull();
    expect(piece.spans).toEqual([{ how: 'encode', frames: 105, source_start_frame: 5 }]);
    expect(second!.spans.map(({ how }) => how)).toContain('copy');
    const timeline = { ...first!.timeline, chunks: [lying, ...second!.timeline.chunks], frames: 180 };
    const input = { source: footage, plan: planFor(footage, kept), timeline, pieces: [piece, ...second!.chunks], audio: null, tools };
    const video = await assembleVideo(input, { cwd: await mkdtemp(join(folder, 'join-')), signal });
    expect(await readCounter(video.path)).toEqual(framesOf(kept));
  });
});

it('pictures of another moment beside a copied run are a fault, however well they decode', async () => {
  const footage = await make('moment.mp4', { fps: '30/1', encode: x264('-bf', '0') });
  const { timeline, video } = await renderEdit({ footage, keep: [range(12, 100)] }, { tools, folder });
  const spec = timeline.chunks[0]!;
  const smart = spec.smart!;
  const examine = (spans: typeof smart.spans) => {
    const joined = { path: video.path, keyframes: video.keyframes };
    const parts = toParts(smart.spans);
    const sides = { parts, looks: toLooks(parts), meant: new Map(), joined, sourcePath: footage.path };
    const input = { spec, smart: { ...smart, spans }, ...sides, tools };
    return examineJoined(input, { cwd: folder, signal });
  };
  const moved = smart.spans.map((span) =>
    span.how === 'copy' ? span : { ...span, start_frame: span.start_frame + 5, end_frame: span.end_frame + 5 },
  );
  expect(await examine(smart.spans)).toEqual({ seamSsim: expect.closeTo(1, 1) });
  expect(await examine(moved)).toEqual({ fault: 'seam_unlike' });
});

describe('nothing is copied', () => {
  it.each([
    ['when it is not wanted', { smart_render: false }, 'not_asked'],
    ['into another codec', hevc, 'output_codec'],
    ['into another size', { output: { ...hevc.output, codec: 'h264', max_height: 48 } }, 'size_change'],
  ] as const)('%s', async (_, change, gate) => {
    const footage = await make('plain.mp4', { fps: '30/1', encode: x264('-bf', '3') });
    const edit = await renderEdit({ footage, keep: [range(12, 62)], change }, { tools, folder });
    expect(edit.timeline.gates).toEqual([gate]);
    expect(edit.spans).toEqual([{ how: 'encode', frames: 50, source_start_frame: 12 }]);
  });
});

async function make(name: string, { fps, encode, frames = 200 }: { fps: string; encode: string[]; frames?: number }): Promise<Footage> {
  const path = join(folder, name);
  await makeCounterClip(path, { fps, frames, encode });
  return readFootage(path, { tools, folder });
}

/** A key frame every 30 frames, of which those at 0, 60, 120 and 180 can be begun at. */
function openGroups(): string[] {
  const keys = ['-forced-idr', '1', '-force_key_frames', 'expr:not(mod(n,60))'];
  return x264('-bf', '3', '-b_strategy', '0', '-x264-params', 'open-gop=1', ...keys);
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
