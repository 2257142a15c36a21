import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildLauncher, findSandbox } from '#media/child/sandbox';
import { createMediaTools, type MediaCommand, type MediaTools } from '#media/ffmpeg';
import { processesOf, waitUntilGone } from '../helpers/leftovers.ts';
import { root } from '../helpers/tools.ts';
import { until } from '../helpers/until.ts';

const system = { ffmpeg: 'ffmpeg', ffprobe: 'ffprobe' };
const cwd = mkdtempSync(join(tmpdir(), 'media-core-'));
const forever = new AbortController().signal;
let media: MediaTools;

beforeAll(async () => {
  media = await createMediaTools(system);
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const generated = (graph: string, path: string, ...options: string[]): MediaCommand => ({
  inputs: [{ path: graph, format: 'lavfi' }],
  outputs: [{ options: ['-map', '0:v', ...options], path }],
});
const endless = generated('testsrc2=s=640x360:r=30', 'endless.mp4', '-c:v', 'libx264', '-preset', 'veryslow');

/** A tool in front of ffmpeg, as `./run` makes them for unpacked builds. */
async function toolsBehind(script: string): Promise<MediaTools> {
  const path = join(mkdtempSync(join(cwd, 'tool-')), 'ffmpeg');
  const boot = `case "$*" in *-version*|*-filters*|*-encoders*|*' -h '*) exec ffmpeg "$@";; esac`;
  writeFileSync(path, `#!/bin/sh\n${boot}\n${script}\n`);
  chmodSync(path, 0o755);
  return createMediaTools({ ...system, ffmpeg: path });
}

describe('a run', () => {
  test('makes its output, tells its progress and what it used', async () => {
    const frames: number[] = [];
    const command = generated('testsrc2=s=640x360:r=30:d=4', 'a.mp4', '-c:v', 'libx264', '-preset', 'medium');
    const run = await media.run(command, { cwd, signal: forever, onProgress: ({ frame }) => frames.push(frame) });
    expect(frames.at(-1)).toBe(120);
    expect(frames).toEqual([...frames].sort((a, b) => a - b));
    expect(run.cpuS).toBeGreaterThan(0.05);
    expect(run.peakMemoryBytes).toBeGreaterThan(20e6);
    expect(run.stderr).toBe('');
  });

  test('keeps words with one space whole, which fluent-ffmpeg would split', async () => {
    await media.run(generated('color=s=32x32:d=0.2', 'title.mp4', '-metadata', 'title=hello world'), { cwd, signal: forever });
    const probed = await media.probe(
      { args: ['-show_entries', 'format_tags=title'], path: join(cwd, 'title.mp4') },
      { cwd, signal: forever },
    );
    expect(probed).toMatchObject({ format: { tags: { title: 'hello world' } } });
  });

  test('gives stdout at the pace of its reader', async () => {
    let bytes = 0;
    let readers = 0;
    const onStdout = async (chunk: Buffer) => {
      readers += 1;
      expect(readers).toBe(1);
      await delay(1); // a slow reader
      readers -= 1;
      bytes += chunk.length;
    };
    await media.run(generated('testsrc2=s=320x240:r=25:d=1', 'pipe:1', '-f', 'rawvideo', '-pix_fmt', 'gray'), {
      cwd,
      signal: forever,
      onStdout,
    });
    expect(bytes).toBe(320 * 240 * 25);
  });

  test('ends with the error of a reader that throws', async () => {
    const onStdout = () => {
      throw new Error('enough');
    };
    const command = generated('testsrc2=s=320x240:r=25', 'pipe:1', '-f', 'rawvideo');
    await expect(media.run(command, { cwd, signal: forever, onStdout })).rejects.toThrow('enough');
  });

  const samplesIn = { path: 'pipe:0', options: ['-f', 'f32le', '-ar', '8000', '-ac', '1'] };
  const samplesOut = { inputs: [samplesIn], outputs: [{ options: ['-f', 'f32le'], path: 'pipe:1' }] };

  test('reads what it is given by stdin, to the last byte', async () => {
    async function* source() {
      for (let count = 0; count < 50; count++) yield new Uint8Array(3998);
    }
    let bytes = 0;
    const onStdout = (chunk: Buffer) => {
      bytes += chunk.length;
    };
    await media.run(samplesOut, { cwd, signal: forever, stdin: source(), onStdout });
    expect(bytes).toBe(4 * Math.floor((50 * 3998) / 4));
  });

  test('ends with the error of a source that throws', async () => {
    // biome-ignore lint/correctness/useYield: it fails before its first chunk
    async function* source(): AsyncGenerator<Uint8Array> {
      throw new Error('dried up');
    }
    await expect(media.run(samplesOut, { cwd, signal: forever, stdin: source() })).rejects.toThrow('dried up');
  });

  test('lets go of its source when it ends before it has read everything', async () => {
    let closed = false;
    async function* source() {
      try {
        for (;;) yield new Uint8Array(64 * 1024);
      } finally {
        closed = true;
      }
    }
    const short = { inputs: [samplesIn], outputs: [{ options: ['-t', '1', '-f', 'null'], path: 'short' }] };
    await media.run(short, { cwd, signal: forever, stdin: source() });
    await expect.poll(() => closed).toBe(true);
  });

  test('reads a filter graph longer than an argument may be from a file', async () => {
    const graph = `[0:v]trim=end_frame=13${' '.repeat(200_000)}[v]`;
    const command = {
      inputs: [{ path: 'color=s=32x32:r=25:d=1', format: 'lavfi' as const }],
      filterGraph: graph,
      outputs: [{ options: ['-map', '[v]', '-f', 'framemd5'], path: 'long.md5' }],
    };
    await media.run(command, { cwd, signal: forever });
    expect(readFileSync(join(cwd, 'long.md5'), 'utf8').match(/^0,/gm)).toHaveLength(13);
  });

  test('does not start after the signal', async () => {
    await expect(media.run(endless, { cwd, signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
  });
});

describe('a run that goes wrong', () => {
  test('ends within 2 s of the signal, with its reason, though it ignores SIGTERM', async () => {
    const stubborn = await toolsBehind(`trap '' TERM\nsleep 61 &\nsleep 60`);
    const controller = new AbortController();
    const run = stubborn.run(endless, { cwd, signal: controller.signal });
    await until(() => processesOf(cwd).some((line) => line.includes('sleep 61')));
    const startedMs = performance.now();
    controller.abort(new Error('changed my mind'));
    await expect(run).rejects.toThrow('changed my mind');
    expect(performance.now() - startedMs).toBeLessThan(2000);
    expect(await waitUntilGone(cwd, 200)).toEqual([]);
  });

  test('is stopped when nothing moves', async () => {
    const hung = await toolsBehind('exec sleep 60');
    await expect(hung.run(endless, { cwd, signal: forever, limits: { stallS: 0.5 } })).rejects.toMatchObject({ code: 'TOOL_STALLED' });
  });

  test('is not taken for stalled while it works', async () => {
    const command = generated('testsrc2=s=64x64:r=30,realtime', 'slow.mp4', '-c:v', 'libx264', '-preset', 'ultrafast');
    const run = media.run(command, { cwd, signal: forever, limits: { stallS: 2, wallS: 4 } });
    await expect(run).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('longer than 4 s') });
  });

  test.each([
    ['CPU', { cpuS: 1 }, /CPU/],
    ['output bytes', { outputBytes: 100_000 }, /larger than 100000 bytes/],
    ['output length', { outputS: 0.5 }, /longer than 0.5 s/],
  ])('is refused at its limit of %s', async (_, limits, message) => {
    const command = generated('testsrc2=s=640x360:r=30:d=90', 'limit.mp4', '-c:v', 'libx264', '-crf', '1', '-preset', 'ultrafast');
    await expect(media.run(command, { cwd, signal: forever, limits })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: expect.stringMatching(message),
    });
  });

  test('is refused when it writes too much to stdout', async () => {
    const command = generated('testsrc2=s=640x360:r=30', 'pipe:1', '-f', 'rawvideo');
    await expect(media.run(command, { cwd, signal: forever, limits: { outputBytes: 1e6 } })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });

  test('tells what ffmpeg said without the folders of this machine', async () => {
    writeFileSync(join(cwd, 'noise.mp4'), 'this is no film');
    const command = { inputs: [{ path: join(cwd, 'noise.mp4') }], outputs: [{ options: ['-f', 'null'], path: 'x' }] };
    const failure = await media.run(command, { cwd, signal: forever }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'SOURCE_UNREADABLE', details: { tool: { stderr_tail: expect.stringContaining('noise.mp4') } } });
    expect(JSON.stringify(failure)).not.toContain(cwd);
  });
});

describe('the sandbox', () => {
  test('hands over nothing of our environment, also to a tool that sets its own', async () => {
    process.env['CUTROOM_TEST_SECRET'] = 'hunter2';
    const spying = await toolsBehind('env >&2\nMINE=1 exec ffmpeg "$@"');
    const run = await spying.run(generated('color=s=32x32:d=0.1', 'env.mp4'), { cwd, signal: forever });
    delete process.env['CUTROOM_TEST_SECRET'];
    expect(run.stderr).toContain('LC_ALL=C');
    expect(run.stderr).not.toMatch(/hunter2|HOME=|TMPDIR=/);
    expect(statSync(join(cwd, 'env.mp4')).size).toBeGreaterThan(0);
  });

  test('is a group of its own at low priority without new privileges', async () => {
    const controller = new AbortController();
    const run = media.run(endless, { cwd, signal: controller.signal }).catch(() => {});
    const pid = await until(
      () =>
        processesOf(cwd)
          .find((line) => /^\d+ \S*ffmpeg/.test(line))
          ?.split(' ')[0],
    );
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [, , , group, , , , , , , , , , , , , , nice] = stat.slice(stat.lastIndexOf(')')).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    controller.abort();
    await run;
    expect([group, nice]).toEqual([pid, '10']);
    expect(status).toMatch(/NoNewPrivs:\s+1/);
    expect(limits).toMatch(/Max core file size\s+0 /);
  });

  test('ends with the process that began it, though that was killed', async () => {
    const script = `
      import { createMediaTools } from '#media/ffmpeg';
      const media = await createMediaTools(${JSON.stringify(system)});
      await media.run(${JSON.stringify(endless)}, { cwd: ${JSON.stringify(cwd)}, signal: new AbortController().signal });`;
    const parent = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', '--input-type=module', '-e', script], {
      cwd: root,
      env: { ...process.env, TMPDIR: cwd },
      stdio: 'ignore',
    });
    await until(() => processesOf(cwd).find((line) => /^\d+ \S*ffmpeg/.test(line)), 15_000);
    parent.kill('SIGKILL');
    expect(await waitUntilGone(cwd, 2000)).toEqual([]);
  });

  test('does not begin when its parent died before it could ask to die with it', () => {
    const sandbox = findSandbox(process.env['PATH']!);
    const begin = (parentPid: number) => {
      const [program, ...words] = buildLauncher({ ...sandbox, parentPid }, { cpuS: 5, memoryBytes: 2 ** 30, outputBytes: 0 });
      return spawnSync(program!, [...words, 'echo', 'two  words'], { encoding: 'utf8' });
    };
    expect(begin(process.pid)).toMatchObject({ status: 0, stdout: 'two  words\n' });
    expect(begin(1)).toMatchObject({ status: 125, stdout: '' });
  });

  test('says what it lacks on a machine without the launchers, and works', async () => {
    const bare = mkdtempSync(join(cwd, 'path-'));
    for (const name of ['ffmpeg', 'ffprobe', 'env'])
      execFileSync('ln', [
        '-s',
        execFileSync('sh', ['-c', `command -v ${name}`])
          .toString()
          .trim(),
        join(bare, name),
      ]);
    const tools = await createMediaTools({ ...system, searchPath: bare });
    expect(tools.capabilities.sandboxMissing).toEqual(['setpriv', 'sh', 'setsid', 'prlimit', 'nice']);
    await tools.run(generated('color=s=32x32:d=0.1', 'bare.mp4'), { cwd, signal: forever });
    const controller = new AbortController();
    const run = tools.run(endless, { cwd, signal: controller.signal });
    controller.abort(new Error('stop'));
    await expect(run).rejects.toThrow('stop');
  });
});
