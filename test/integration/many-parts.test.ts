import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMediaTools, type MediaTools } from '#media/ffmpeg';
import { buildJoinCommand, toPieceName } from '#media/render/join';
import { writeList } from '#media/render/place-pieces';
import { padPiece } from '#media/render/transport-stream';
import { checkPackets, readPackets } from '#media/render/verify-output';

const signal = new AbortController().signal;
let folder: string;
let tools: MediaTools;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'many-parts-'));
  tools = await createMediaTools({ ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Lengths that are no whole number of microseconds: what is rounded must not gather. */
test.each(['30/1', '30000/1001', '24000/1001', '60/1'])('four hundred parts at %s lie where their frames do', async (fps) => {
  const frames = 13;
  const cwd = mkdtempSync(join(folder, 'join-'));
  const made = ['-f', 'lavfi', '-i', `testsrc2=size=64x64:rate=${fps}`, '-frames:v', String(frames)];
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-f', 'mpegts', join(cwd, 'part')];
  execFileSync('ffmpeg', ['-v', 'error', ...made, ...encode]);
  await padPiece(join(cwd, 'part'));
  const parts = Array.from({ length: 400 }, () => ({ frames }));
  for (const index of parts.keys()) symlinkSync(join(cwd, 'part'), join(cwd, toPieceName(index, 'h264')));
  await writeList(parts, { cwd, fps, codec: 'h264' });
  await tools.run(buildJoinCommand({ cwd, audioPath: null, fps, codec: 'h264', name: 'video.mp4' }), { cwd, signal });
  const packets = await readPackets({ path: join(cwd, 'video.mp4'), tools }, { cwd, signal });
  expect(() => checkPackets(packets, { frames: 400 * frames, fps })).not.toThrow();
});
