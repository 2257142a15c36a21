import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countFrames } from '../helpers/footage.ts';
import { readTools } from '../helpers/tools.ts';
import { useService } from '../helpers/use-service.ts';

const bpm = 117;
const fps = 25;
const stage = useService();

/** Four scenes of 4.7 s, changing beside the beat, over a kick on every beat of a bar whose first is the hardest. */
function makeMusicVideo(path: string): string {
  const scenes = ['mandelbrot', 'smptebars', 'testsrc', 'rgbtestsrc'].map((name) => `${name}=s=320x180:r=${fps}`);
  const beatS = 60 / bpm;
  const kick = `(0.5+0.4*eq(mod(floor(t/${beatS}),4),0))*exp(-20*mod(t,${beatS}))*sin(377*mod(t,${beatS}))`;
  const inputs = [
    ...scenes.flatMap((scene) => ['-f', 'lavfi', '-t', '4.7', '-i', scene]),
    '-f',
    'lavfi',
    '-i',
    `aevalsrc='${kick}':s=44100:d=18.7`,
  ];
  const join4 = '[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[2:v]format=yuv420p[c];[3:v]format=yuv420p[d];[a][b][c][d]concat=n=4:v=1[v]';
  const encode = ['-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-y', path];
  execFileSync(readTools().ffmpeg.path, ['-v', 'error', ...inputs, '-filter_complex', join4, '-map', '[v]', '-map', '4:a', ...encode]);
  return path;
}

describe('a music video cut to its beat', () => {
  it('changes scene on the beat, and the music keeps its pulse', async () => {
    const job = await stage.client.edit(makeMusicVideo(join(stage.folder, 'music.mp4')), {
      content_type: 'music',
      features: { beat_sync: true, preview: false, thumbnails: false, interchange: false },
      mode: 'fast',
    });
    expect(job.error).toBeNull();
    const plan = await stage.client.plan(job.id);
    expect(Math.abs(plan.beats!.bpm - bpm)).toBeLessThan(1);
    expect(plan.cuts.length).toBeGreaterThan(0);
    const beatFrames = (60 / bpm) * fps;
    for (const { start_frame, end_frame, reason } of plan.cuts) {
      expect(reason).toBe('beat');
      for (const frame of [start_frame, end_frame]) {
        const heard = Math.min(...plan.beats!.times_s.map((time) => Math.abs(time * fps - frame)));
        expect(heard).toBeLessThanOrEqual(0.5);
        expect(Math.abs(frame - beatFrames * Math.round(frame / beatFrames))).toBeLessThanOrEqual(1);
      }
      expect(Math.abs(end_frame - start_frame - 4 * beatFrames)).toBeLessThanOrEqual(1);
    }
    const path = join(stage.folder, 'cut.mp4');
    await stage.client.save(job.id, 'video.mp4', path);
    expect(countFrames(path)).toBe(plan.keep.reduce((sum, range) => sum + range.end_frame - range.start_frame, 0));
  });
});
