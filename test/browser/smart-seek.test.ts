import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrameRange } from '#contracts/plan';
import { toFps } from '#contracts/rational';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { chromiumPath, startBrowser, whyNoBrowser } from '../helpers/browser.ts';
import { makeCounterClip } from '../helpers/counter.ts';
import { type Edit, readFootage, renderEdit } from '../helpers/smart-edit.ts';
import { framesOf } from '../helpers/specs.ts';

const x264 = (...options: string[]) => ['-c:v', 'libx264', '-preset', 'ultrafast', '-sc_threshold', '0', '-g', '30', ...options];
const clips = [
  { name: 'pyramid.mp4', what: 'a pyramid of B-frames, 23.976 fps', fps: '24000/1001', encode: x264('-bf', '3', '-b_strategy', '0') },
  { name: 'plain.mp4', what: 'no B-frames, 25 fps', fps: '25/1', encode: x264('-bf', '0') },
  { name: 'main.mp4', what: 'Main profile, one B-frame, 60 fps', fps: '60/1', encode: x264('-bf', '1', '-profile:v', 'main') },
];
const keep: FrameRange[] = [range(12, 62), range(63, 64), range(70, 155), range(156, 200)];

describe.skipIf(!chromiumPath)(`a video of copied and encoded pictures in a browser (${whyNoBrowser})`, () => {
  let browser: Browser;
  let folder: string;
  let tools: MediaTools;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'smart-seek-'));
    [tools, browser] = await Promise.all([createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' }), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.for(clips)('made of $what shows the planned picture after a seek to either side of each seam', async ({ name, fps, encode }) => {
    const path = join(folder, name);
    await makeCounterClip(path, { fps, frames: 200, encode });
    const edit = await renderEdit({ footage: await readFootage(path, { tools, folder }), keep }, { tools, folder });
    const seams = seamsOf(edit);
    expect(seams.length).toBeGreaterThanOrEqual(4);
    // backwards, so that no picture is there because playing came by
    const frames = seams.flatMap((seam) => [seam - 1, seam, seam + 1]).toReversed();
    const shown = await seekAll(browser, edit.video.path, { frames, fps: toFps(fps) });
    expect(shown).toEqual(frames.map((frame) => framesOf(keep)[frame]));
  });
});

/** Output frames at which copied pictures follow encoded ones, or the other way round. */
function seamsOf({ spans }: Edit): number[] {
  let position = 0;
  const starts = spans.map(({ frames, how }, index) => {
    const start = { frame: position, isSeam: index > 0 && spans[index - 1]!.how !== how };
    position += frames;
    return start;
  });
  return starts.filter(({ isSeam }) => isSeam).map(({ frame }) => frame);
}

/** What the browser's own player shows after it was sent to the middle of each of these frames: the numbers in their stripes. */
async function seekAll(browser: Browser, path: string, { frames, fps }: { frames: number[]; fps: number }): Promise<number[]> {
  const page = await browser.newPage();
  const data = readFileSync(path).toString('base64');
  const times = frames.map((frame) => (frame + 0.5) / fps);
  const shown = await page.evaluate(`(async () => {
    const bytes = Uint8Array.from(atob(${JSON.stringify(data)}), (letter) => letter.charCodeAt(0));
    const video = document.createElement('video');
    video.muted = true;
    document.body.append(video);
    const until = (name) => new Promise((resolve, reject) => {
      video.addEventListener(name, resolve, { once: true });
      video.addEventListener('error', () => reject(new Error(video.error.message)), { once: true });
    });
    const ready = until('loadeddata');
    video.src = URL.createObjectURL(new Blob([bytes], { type: 'video/mp4' }));
    await ready;
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
    const paper = canvas.getContext('2d', { willReadFrequently: true });
    const numbers = [];
    for (const time of ${JSON.stringify(times)}) {
      // a seek may be over before its picture is on the screen; where the picture is the one shown already none is announced
      const painted = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      const longEnough = new Promise((resolve) => setTimeout(resolve, 2000));
      const there = until('seeked');
      video.currentTime = time;
      await Promise.all([there, Promise.race([painted, longEnough])]);
      paper.drawImage(video, 0, 0);
      const row = paper.getImageData(0, 16, canvas.width, 1).data;
      numbers.push(Array.from({ length: 16 }, (_, bit) => (row[4 * (20 * bit + 10)] > 128 ? 2 ** bit : 0)).reduce((sum, part) => sum + part));
    }
    return numbers;
  })()`);
  await page.close();
  return shown as number[];
}

function range(start_frame: number, end_frame: number): FrameRange {
  return { start_frame, end_frame };
}
