import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { countFrames, makeTalk, measureSound } from '../helpers/footage.ts';
import { startService } from '../helpers/service.ts';
import { root } from '../helpers/tools.ts';

const run = promisify(execFile);
const hasCurl = succeeds('curl', ['--version']);

/** The fenced shell block under the heading; the example is the documentation itself. */
function readBlock(): string {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const block = /## A walk-through with curl[\s\S]*?```sh\n([\s\S]*?)```/.exec(readme)?.[1];
  if (!block) throw new Error('README.md has no walk-through.');
  return block;
}

function succeeds(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

it.skipIf(!hasCurl)('the lines of README.md edit a video as they stand (needs curl)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-walk-'));
  const service = await startService();
  try {
    const talk = makeTalk(join(folder, 'talk.mp4'), { seconds: 9, size: '320x180' });
    const lines = readBlock();
    const local = lines.replace(/^BASE=.*$/m, `BASE=${service.url}`);
    expect(local).not.toBe(lines);
    const { stdout } = await run('sh', ['-e', '-c', local], { cwd: folder, timeout: 100_000 });

    expect(stdout.match(/^event: job\.completed$/gm)).toHaveLength(1);
    const [outputs, report] = readAnswers(stdout);
    expect(outputs?.data.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['video.mp4', 'thumbnail-1.jpg', 'report.json']),
    );
    const edited = join(folder, 'edited.mp4');
    expect(countFrames(edited)).toBe(report?.render.frames);
    expect(countFrames(edited)).toBeLessThan(countFrames(talk));
    expect(Math.abs(measureSound(edited).lufs - -16)).toBeLessThanOrEqual(0.3);
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

/** What follows the stream of events: the list of outputs and the report, each one JSON document. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the service says
function readAnswers(stdout: string): any[] {
  const tail = stdout.slice(stdout.lastIndexOf('\n\n') + 2);
  const border = tail.indexOf('}{');
  return [tail.slice(0, border + 1), tail.slice(border + 1)].map((text) => JSON.parse(text));
}
