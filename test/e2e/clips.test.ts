import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, createClient } from '../helpers/client.ts';
import { countFrames, decodeMessages, makeTalk, measureSound } from '../helpers/footage.ts';
import { lectureSrt } from '../helpers/lecture.ts';
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

describe('clips of a talk', () => {
  it('come out upright, frame exact, levelled and described', async () => {
    const job = await client.edit(makeTalk(join(folder, 'talk.mp4'), { seconds: 40, size: '320x180', rate: '25' }), {
      transcript: { srt: lectureSrt },
      features: { clips: { count: 2, aspect: '9:16' }, preview: false, thumbnails: false, interchange: false },
      output: { aspect: '1:1' },
      mode: 'fast',
    });
    expect(job.error).toBeNull();
    expect(job.stages.filter(({ attempts }) => attempts > 1)).toEqual([]);
    const plan = await client.plan(job.id);
    expect(plan.clips).toHaveLength(2);
    expect(job.outputs.find(({ name }) => name === 'video.mp4')?.media).toMatchObject({ width: 180, height: 180 });
    for (const [index, clip] of plan.clips.entries()) {
      const path = join(folder, `clip-${index + 1}.mp4`);
      await client.save(job.id, `clip-${index + 1}.mp4`, path);
      const planned = plan.keep.reduce(
        (sum, range) => sum + Math.max(0, Math.min(range.end_frame, clip.end_frame) - Math.max(range.start_frame, clip.start_frame)),
        0,
      );
      expect(countFrames(path)).toBe(planned);
      expect(Math.abs(measureSound(path).seconds - planned / 25)).toBeLessThanOrEqual(0.04);
      expect(decodeMessages(path)).toBe('');
      const aboutPath = join(folder, 'about.json');
      await client.save(job.id, `clip-${index + 1}.json`, aboutPath);
      expect(JSON.parse(readFileSync(aboutPath, 'utf8'))).toMatchObject({ title: clip.title, score: clip.score, width: 102, height: 180 });
    }
  });
});
