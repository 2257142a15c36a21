import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OutputFile } from '#contracts/artifacts';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import type { StageTools } from '../../apps/worker/stage.ts';
import { checkOutputs } from '../../apps/worker/stages/check-outputs.ts';
import { readTools } from '../helpers/tools.ts';

let media: MediaTools;
let scratch: string;
const agreed = { frames: 30, durationS: 1 };
const refused = { code: 'OUTPUT_INVALID' };

beforeAll(async () => {
  media = await createMediaTools({ ffmpeg: readTools().ffmpeg.path, ffprobe: readTools().ffprobe.path });
  scratch = mkdtempSync(join(tmpdir(), 'cutroom-check-'));
  for (const seconds of [1, 2])
    execFileSync(readTools().ffmpeg.path, [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'sine',
      '-t',
      `${seconds}`,
      join(scratch, `${seconds}s.m4a`),
    ]);
  writeFileSync(join(scratch, 'video.mp4'), 'pictures');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const output = (kind: OutputFile['kind'], file: string, about: OutputFile['media'] = {}): OutputFile => ({
  name: file,
  kind,
  blob: { key: file, bytes: statSync(join(scratch, file)).size, sha256: '', content_type: '' },
  media: about,
});
const check = (...outputs: OutputFile[]) => {
  const tools: Partial<StageTools> = { media, scratch, signal: new AbortController().signal, open: async ({ key }) => join(scratch, key) };
  return checkOutputs(outputs, agreed, tools as StageTools);
};

it('takes a video as its maker found it, and asks the sound itself', async () => {
  const video = output('video', 'video.mp4', { frames: 30, duration_s: 1 });
  await expect(check(video, output('audio', '1s.m4a', { duration_s: 1 }))).resolves.toBeUndefined();
  await expect(check(video, output('audio', '2s.m4a', { duration_s: 1 }))).rejects.toMatchObject(refused);
});

it.each([
  ['of another number of frames', { frames: 29, duration_s: 1 }],
  ['of another length', { frames: 30, duration_s: 1.2 }],
  ['of which nothing is known', {}],
])('refuses a video %s', async (_, about) => {
  await expect(check(output('video', 'video.mp4', about))).rejects.toMatchObject(refused);
});

it('refuses a file that lost its end, an empty one, and one name for two', async () => {
  const plan = (file: string) => output('plan', file);
  for (const name of ['short.json', 'empty.json', 'twice.json'])
    writeFileSync(join(scratch, name), name === 'empty.json' ? '' : '{"keep":[]}');
  const short = plan('short.json');
  truncateSync(join(scratch, 'short.json'), 4);
  await expect(check(short)).rejects.toMatchObject(refused);
  await expect(check(plan('empty.json'))).rejects.toMatchObject(refused);
  await expect(check(plan('twice.json'), plan('twice.json'))).rejects.toMatchObject(refused);
});
