import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import type { Compared } from '#media/render/similarity';
import { measureVmaf } from '#media/render/vmaf';
import { makeCounterClip } from '../helpers/counter.ts';
import { readFootage } from '../helpers/smart-edit.ts';

const spans = [{ sourceFrame: 3, outputFrame: 3, frames: 8 }];
let folder: string;
let tools: MediaTools;
let compared: Compared;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vmaf-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
  const path = join(folder, 'clip.mp4');
  await makeCounterClip(path, { fps: '25/1', frames: 20, encode: ['-c:v', 'libx264', '-preset', 'ultrafast'] });
  const { video } = await readFootage(path, { tools, folder });
  const picture = { deinterlace: false, tone_map: false, width: video.width, height: video.height, full_range: false };
  const output = { path, keyframes: video.keyframes, grid: { fps: video.fps, start_s: video.start_s } };
  compared = { source: { path, keyframes: video.keyframes, video }, output, picture, pixelFormat: 'yuv420p' };
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const withFilters = (...filters: string[]) => ({ ...tools.capabilities, filters: new Set(filters) });
const options = () => ({ cwd: folder, signal: new AbortController().signal });

describe('VMAF', () => {
  it('is not told by an ffmpeg without the filter, and no process is started for it', async () => {
    const run = () => Promise.reject(new Error('started'));
    expect(await measureVmaf({ spans, compared, tools: { capabilities: withFilters('ssim'), run } }, options())).toBeNull();
  });

  it('is read from what the filter writes of each frame', async () => {
    const run: MediaTools['run'] = async (command) => {
      expect(command.filterGraph).toContain('[made0][meant0]libvmaf=log_fmt=json:log_path=vmaf.json');
      const frames = [91.5, 88.25].map((vmaf, frameNum) => ({ frameNum, metrics: { integer_motion: 0, vmaf } }));
      await writeFile(join(folder, 'vmaf.json'), JSON.stringify({ version: '2.3.1', fps: 9.5, frames, pooled_metrics: {} }));
      return { stderr: '' } as Awaited<ReturnType<MediaTools['run']>>;
    };
    const found = await measureVmaf({ spans, compared, tools: { capabilities: withFilters('libvmaf'), run } }, options());
    expect(found).toEqual({ mean: 89.875, min: 88.25, samples: 2 });
  });

  it('of equal pictures is near 100', async ({ skip }) => {
    if (!tools.capabilities.filters.has('libvmaf')) skip('this ffmpeg has no libvmaf');
    const found = await measureVmaf({ spans, compared, tools }, options());
    expect(found).toMatchObject({ samples: 8 });
    expect(found!.min).toBeGreaterThan(90);
    expect(JSON.parse(await readFile(join(folder, 'vmaf.json'), 'utf8'))).toHaveProperty('frames');
  });
});
