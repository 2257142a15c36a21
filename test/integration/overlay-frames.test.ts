import '../helpers/scratch.ts';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import type { ChunkSpec } from '#contracts/render-specs';
import { buildCard } from '#media/cards/build-card';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { renderChunk } from '#media/render/chunk';
import { makeCounterClip, readCounter } from '../helpers/counter.ts';
import { drawings } from '../helpers/drawings.ts';
import { readSource } from '../helpers/source-facts.ts';
import { framesOf, specFor } from '../helpers/specs.ts';

type Source = Awaited<ReturnType<typeof readSource>>;
type ChunkOverlay = NonNullable<ChunkSpec['overlays']>[number];

const run = promisify(execFile);
const range = (start_frame: number, end_frame: number): FrameRange => ({ start_frame, end_frame });
const drawing = drawings({ theme: 'paper' }).number!;

let folder: string;
let tools: MediaTools;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overlay-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const clips = ['24000/1001', '25/1', '30000/1001', '60/1'];

describe('a card over a piece', () => {
  it.each(clips)('comes and goes on exactly its frames at %s, alone in its box', async (fps) => {
    const source = await makeSource(`plain-${fps.replace('/', '-')}.mp4`, fps);
    const keep = [range(5, 60), range(70, 115)];
    const overlay = card({ start_frame: 20, frames: 50 });
    const plain = await render(source, keep, []);
    const covered = await render(source, keep, [overlay]);
    const changed = plain.frames.map((frame, index) => !frame.equals(covered.frames[index]!));
    expect(changed).toEqual(plain.frames.map((_, index) => index >= 20 && index < 70));
    expect(covered.frames.length).toBe(100);
    const box = buildCard(drawing, { ...covered.size, floor: 0.95 });
    expect(differences(plain, covered).every(({ x, y }) => inside(box, { x, y }))).toBe(true);
    expect((await readCounter(covered.path)).length).toBe(100);
  });

  it('looks the same wherever the piece is divided', async () => {
    const source = await makeSource('seams.mp4', '25/1');
    const keep = [range(0, 90)];
    const whole = await render(source, keep, [card({ start_frame: 10, frames: 60 })]);
    for (const seam of [11, 45, 66]) {
      const first = await render(source, [range(0, seam)], [card({ start_frame: 10, frames: 60 })]);
      const second = await render(source, [range(seam, 90)], [card({ start_frame: 10 - seam, frames: 60 })]);
      const frames = [...first.frames, ...second.frames];
      expect(frames.findIndex((frame, index) => !frame.equals(whole.frames[index]!))).toBe(-1);
    }
  });

  it('two of them, captions above, on a picture that is turned and made smaller', async () => {
    const upright = await makeSource('upright.mp4', '25/1', ['-vf', 'transpose=cclock']);
    const turned = join(folder, 'turned.mp4');
    await run('ffmpeg', ['-v', 'error', '-y', '-i', upright.path, '-c', 'copy', '-metadata:s:v:0', 'rotate=270', turned]);
    const source = await readSource(turned);
    expect(source.video.rotation).not.toBe(0);
    const picture = { width: 240, height: 72 };
    const burn = [{ text: 'spoken', start_s: 0.4, end_s: 1.2 }];
    const overlays = [card({ start_frame: 12, frames: 30 }), card({ start_frame: 60, frames: 30 })];
    const plain = await render(source, [range(0, 100)], [], { picture, burn });
    const covered = await render(source, [range(0, 100)], overlays, { picture, burn });
    const changed = plain.frames.flatMap((frame, index) => (frame.equals(covered.frames[index]!) ? [] : [index]));
    expect(changed).toEqual([...framesOf([range(12, 42)]), ...framesOf([range(60, 90)])]);
    expect(covered.size).toEqual(picture);
  });

  it('keeps ten bits where the piece has them', async () => {
    const source = await makeSource('ten.mp4', '25/1');
    const spec = {
      ...specFor(source, [range(0, 40)], { crf: 0, pix_fmt: 'yuv420p10le' }),
      overlays: [card({ start_frame: 5, frames: 30 })],
    };
    const { path } = await renderChunk(
      { spec, sourcePath: source.path, tools },
      { cwd: await fresh(), signal: AbortSignal.timeout(60_000) },
    );
    const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'stream=pix_fmt', '-of', 'csv=p=0', path]);
    expect(stdout.trim().split('\n')[0]).toBe('yuv420p10le');
  });
});

const card = (time: { start_frame: number; frames: number }): ChunkOverlay => ({ drawing, ...time, floor: 0.95, color_space: 'unknown' });
const fresh = () => mkdtemp(join(folder, 'piece-'));

async function makeSource(name: string, fps: string, more: string[] = []): Promise<Source> {
  const path = join(folder, name);
  await makeCounterClip(path, { fps, frames: 120, encode: ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '30', ...more] });
  return readSource(path);
}

interface Rendered {
  path: string;
  size: { width: number; height: number };
  /** Luma of each frame. */
  frames: Buffer[];
}

/** Lossless, so that what is not covered is equal to the bit. */
async function render(
  source: Source,
  keep: FrameRange[],
  overlays: ChunkOverlay[],
  change: { picture?: { width: number; height: number }; burn?: ChunkSpec['burn'] } = {},
): Promise<Rendered> {
  const plain = specFor(source, keep, { crf: 0 });
  const picture = { ...plain.picture, ...change.picture };
  const spec = { ...plain, picture, burn: change.burn ?? [], ...(overlays.length > 0 && { overlays }) };
  const { path } = await renderChunk({ spec, sourcePath: source.path, tools }, { cwd: await fresh(), signal: AbortSignal.timeout(60_000) });
  const { stdout } = await run(
    'ffmpeg',
    ['-v', 'error', '-i', path, '-fps_mode', 'passthrough', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
    {
      encoding: 'buffer',
      maxBuffer: 2 ** 28,
    },
  );
  const { width, height } = picture;
  const bytes = width * height;
  const frames = Array.from({ length: stdout.length / bytes }, (_, index) => stdout.subarray(index * bytes, (index + 1) * bytes));
  return { path, size: { width, height }, frames };
}

function differences(one: Rendered, other: Rendered): { x: number; y: number }[] {
  return one.frames.flatMap((frame, index) =>
    [...frame.keys()]
      .filter((at) => frame[at] !== other.frames[index]![at])
      .map((at) => ({ x: at % one.size.width, y: Math.floor(at / one.size.width) })),
  );
}

const inside = (box: { x: number; y: number; width: number; height: number }, { x, y }: { x: number; y: number }) =>
  x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
