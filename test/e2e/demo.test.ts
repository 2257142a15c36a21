import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt } from '../../scripts/setup/build.mjs';
import { readTools, root } from '../helpers/tools.ts';

const { ffmpeg, ffprobe } = readTools();
const dir = mkdtempSync(join(tmpdir(), 'cutroom-demo-'));

beforeAll(() => {
  ensureBuilt(root);
  const tone = "aevalsrc='if(between(t,2,4),0,0.3*sin(2*PI*300*t))':d=6";
  const inputs = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=6', '-f', 'lavfi', '-i', tone];
  execFileSync(ffmpeg.path, ['-v', 'error', ...inputs, '-shortest', '-preset', 'ultrafast', join(dir, 'ünïcode talk.mp4')]);
  writeFileSync(join(dir, 'notes.mp4'), 'this is not a video');
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

function demo(file: string) {
  const env = {
    ...process.env,
    INIT_CWD: dir,
    CUTROOM_DATA_DIR: join(dir, 'data'),
    FFMPEG_PATH: ffmpeg.path,
    FFPROBE_PATH: ffprobe.path,
  };
  return spawnSync(process.execPath, [join(root, 'dist/scripts/demo.js'), file], { cwd: root, env, encoding: 'utf8', timeout: 110_000 });
}

describe('./run demo FILE', () => {
  test('edits a file named from where it was called, shows what came of it and fetches the outputs', () => {
    const { status, stdout, stderr } = demo('ünïcode talk.mp4');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const part of ['before and after', 'silence cut', 'LUFS', 'where time went', 'render-chunk']) expect(stdout).toContain(part);
    const [job = ''] = /job_\w+/.exec(stdout) ?? [];
    expect(readdirSync(join(dir, 'data/demo', job))).toEqual(
      expect.arrayContaining(['video.mp4', 'preview.mp4', 'report.json', 'plan.json']),
    );
  });

  test('ends with 1 and says in the words of the API what is wrong with a file that is no video', () => {
    const { status, stderr } = demo('notes.mp4');
    expect(status).toBe(1);
    expect(stderr).toContain('SOURCE_UNREADABLE');
    expect(stderr).toContain('Check that the file plays');
  });

  test('ends with 1 when there is no such file', () => {
    expect(demo('absent.mp4')).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no file') });
  });
});
