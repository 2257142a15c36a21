import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JobView } from '#contracts/job';
import { toFps } from '#contracts/rational';
import { countFrames, decodeMessages, hasSharedMedia, makeTalk, measureSound, talkFile, whyNoSharedMedia } from '../helpers/footage.ts';
import { useService } from '../helpers/use-service.ts';

const stage = useService();

async function expectFaithful(job: JobView): Promise<void> {
  expect(job.error).toBeNull();
  expect(job.status).toBe('completed');
  const path = join(stage.folder, `${job.id}.mp4`);
  await stage.client.save(job.id, 'video.mp4', path);
  const plan = await stage.client.plan(job.id);
  const planned = plan.keep.reduce((sum, { start_frame, end_frame }) => sum + end_frame - start_frame, 0);
  expect(countFrames(path)).toBe(planned);
  const frameS = 1 / toFps(plan.source.fps);
  const sound = measureSound(path);
  expect(Math.abs(sound.seconds - planned * frameS)).toBeLessThanOrEqual(frameS);
  const report = await stage.client.report(job.id);
  expect(report.quality.drift_ms.max).toBeLessThanOrEqual(frameS * 1000);
  expect(Math.abs(sound.lufs - -14)).toBeLessThanOrEqual(0.3);
  expect(sound.peak).toBeLessThanOrEqual(-1);
  expect(decodeMessages(path)).toBe('');
}

describe('a talking video through the whole service', () => {
  it('comes out shorter, level, frame exact and with everything that belongs to it', async () => {
    const job = await stage.client.edit(makeTalk(join(stage.folder, 'talk.mp4')), {
      transcript: { srt: '1\n00:00:00,100 --> 00:00:03,000\nFirst we look at the whole road.\n' },
    });
    await expectFaithful(job);
    expect((await stage.client.report(job.id)).quality.silence.removed_s).toBeGreaterThan(2);
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
    const first = await stage.client.edit(makeTalk(join(stage.folder, 'twice.mp4'), { seconds: 8 }));
    const startedMs = performance.now();
    const second = await stage.client.ended((await stage.client.create(first.request)).id);
    expect(performance.now() - startedMs).toBeLessThan(1000); // the promise itself, not a speed test
    expect(second.status).toBe('completed');
    expect(second.stages.filter(({ cached }) => !cached)).toEqual([]);
    expect(second.usage.cpu_s).toBe(0);
    expect(second.outputs.find(({ name }) => name === 'video.mp4')?.sha256).toBe(
      first.outputs.find(({ name }) => name === 'video.mp4')?.sha256,
    );
  });

  it.skipIf(!hasSharedMedia)(`keeps every promise on a real recording (${whyNoSharedMedia})`, async () => {
    await expectFaithful(await stage.client.edit(talkFile));
  });
});
