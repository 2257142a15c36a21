import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import { toFps } from '#contracts/rational';
import { type Client, createClient } from '../helpers/client.ts';
import { countFrames, decodeMessages, hasSharedMedia, makeTalk, measureSound, talkFile, whyNoSharedMedia } from '../helpers/footage.ts';
import { type Service, startService } from '../helpers/service.ts';
import '../helpers/scratch.ts';

let service: Service;
let client: Client;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cutroom-e2e-'));
  service = await startService({ separateWorkers: 1 });
  client = createClient(service.url);
});
afterAll(async () => {
  await service.close();
  rmSync(folder, { recursive: true, force: true });
});

async function expectFaithful(job: JobView): Promise<void> {
  expect(job.error).toBeNull();
  expect(job.status).toBe('completed');
  const path = join(folder, `${job.id}.mp4`);
  await client.save(job.id, 'video.mp4', path);
  const plan = await client.plan(job.id);
  const planned = plan.keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
  expect(countFrames(path)).toBe(planned);
  const frameS = 1 / toFps(plan.source.fps);
  const sound = measureSound(path);
  expect(Math.abs(sound.seconds - planned * frameS)).toBeLessThanOrEqual(frameS);
  const report = await client.report(job.id);
  expect(report.quality.drift_ms.max).toBeLessThanOrEqual(frameS * 1000);
  expect(Math.abs(sound.lufs - -14)).toBeLessThanOrEqual(0.3);
  expect(sound.peak).toBeLessThanOrEqual(-1);
  expect(decodeMessages(path)).toBe('');
}

describe('a talking video through the whole service', () => {
  it('comes out shorter, level, frame exact and with everything that belongs to it', async () => {
    const job = await client.edit(makeTalk(join(folder, 'talk.mp4')), {
      transcript: { srt: '1\n00:00:00,100 --> 00:00:03,000\nFirst we look at the whole road.\n' },
    });
    await expectFaithful(job);
    expect((await client.report(job.id)).quality.silence.removed_s).toBeGreaterThan(2);
    const names = job.outputs.map(({ name }) => name);
    const expected = [
      'video.mp4',
      'preview.mp4',
      'audio.m4a',
      'thumbnail-1.jpg',
      'captions.srt',
      'captions.vtt',
      'metadata.json',
      'plan.json',
      'edit.otio',
      'edit.fcpxml',
      'edit.edl',
      'report.json',
    ];
    expect(names).toEqual(expect.arrayContaining(expected));
  });

  it('is answered from what is filed when it is asked for again: every stage cached, within a second, without ffmpeg', async () => {
    const first = await client.edit(makeTalk(join(folder, 'twice.mp4'), { seconds: 8 }));
    const startedMs = performance.now();
    const second = await client.ended((await client.create(first.request)).id);
    expect(performance.now() - startedMs).toBeLessThan(1000); // the promise itself, not a speed test
    expect(second.status).toBe('completed');
    expect(second.stages.filter(({ cached }) => !cached)).toEqual([]);
    expect(second.usage.cpu_s).toBe(0);
    expect(second.outputs.find(({ name }) => name === 'video.mp4')?.sha256).toBe(
      first.outputs.find(({ name }) => name === 'video.mp4')?.sha256,
    );
  });

  it.skipIf(!hasSharedMedia)(`keeps every promise on a real recording (${whyNoSharedMedia})`, async () => {
    await expectFaithful(await client.edit(talkFile));
  });
});
