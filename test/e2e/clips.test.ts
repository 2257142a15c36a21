import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countFrames, decodeMessages, makeTalk, measureSound } from '../helpers/footage.ts';
import { lectureSrt } from '../helpers/lecture.ts';
import { useService } from '../helpers/use-service.ts';

const stage = useService();

describe('clips of a talk', () => {
  it('come out upright, frame exact, levelled and described', async () => {
    const job = await stage.client.edit(makeTalk(join(stage.folder, 'talk.mp4'), { seconds: 40, size: '320x180', rate: '25' }), {
      transcript: { srt: lectureSrt },
      features: { clips: { count: 2, aspect: '9:16' }, preview: false, thumbnails: false, interchange: false },
      output: { aspect: '1:1' },
      mode: 'fast',
    });
    expect(job.error).toBeNull();
    expect(job.stages.filter(({ attempts }) => attempts > 1)).toEqual([]);
    const plan = await stage.client.plan(job.id);
    expect(plan.clips).toHaveLength(2);
    expect(job.outputs.find(({ name }) => name === 'video.mp4')?.media).toMatchObject({ width: 180, height: 180 });
    for (const [index, clip] of plan.clips.entries()) {
      const path = join(stage.folder, `clip-${index + 1}.mp4`);
      await stage.client.save(job.id, `clip-${index + 1}.mp4`, path);
      const planned = plan.keep.reduce(
        (sum, range) => sum + Math.max(0, Math.min(range.end_frame, clip.end_frame) - Math.max(range.start_frame, clip.start_frame)),
        0,
      );
      expect(countFrames(path)).toBe(planned);
      expect(Math.abs(measureSound(path).seconds - planned / 25)).toBeLessThanOrEqual(0.04);
      expect(decodeMessages(path)).toBe('');
      const aboutPath = join(stage.folder, 'about.json');
      await stage.client.save(job.id, `clip-${index + 1}.json`, aboutPath);
      expect(JSON.parse(readFileSync(aboutPath, 'utf8'))).toMatchObject({ title: clip.title, score: clip.score, width: 102, height: 180 });
    }
  });
});
