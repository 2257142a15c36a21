import { describe, expect, test } from 'vitest';
import { parseCapabilities } from '#media/capabilities';
import { createProgressParser } from '#media/child/progress';
import { toRunFailure, toSafeText } from '#media/child/run-failure';
import { createLineSplitter } from '#media/child/stdout';
import { createTail } from '#media/child/tail';
import { parseCpuS } from '#media/child/usage';
import { defaultLimits } from '#media/command';

describe('progress', () => {
  test('is told once a block, and its lines are kept apart from messages', () => {
    const parser = createProgressParser();
    const feed = (line: string) => parser.feed(line);
    expect(['frame=12', 'fps=25.0', 'stream_0_0_q=28.0', 'total_size=48', 'out_time_us=480000', 'out_time_ms=480000'].map(feed)).toEqual(
      Array(6).fill({ isProgress: true }),
    );
    expect(feed('progress=continue').report).toEqual({ frame: 12, outTimeS: 0.48, totalBytes: 48, ended: false });
    expect(feed('[libx264 @ 0x1] frame= 3 is odd')).toEqual({ isProgress: false });
  });

  test('survives N/A and negative times', () => {
    const parser = createProgressParser();
    for (const line of ['out_time_ms=-23000', 'total_size=N/A']) parser.feed(line);
    expect(parser.feed('progress=end').report).toEqual({ frame: 0, outTimeS: 0, totalBytes: 0, ended: true });
  });
});

describe('the end of a run', () => {
  const ended = { code: 1, signal: null, stopped: null, stderr: '', cpuS: 0 };
  const failure = (end: Partial<Parameters<typeof toRunFailure>[0]>) =>
    toRunFailure({ ...ended, ...end }, { limits: defaultLimits, command: [] });

  test('with 0 is no failure', () => {
    expect(failure({ code: 0 })).toBeNull();
  });

  test.each([
    ['our wall clock', { stopped: 'wall' as const }, 'LIMIT_EXCEEDED'],
    ['no progress', { stopped: 'stall' as const }, 'TOOL_STALLED'],
    ['a file at its hard limit', { signal: 'SIGXFSZ' as const, code: null }, 'LIMIT_EXCEEDED'],
    ['CPU time at its limit, which ffmpeg answers with 255', { code: 255, cpuS: defaultLimits.cpuS }, 'LIMIT_EXCEEDED'],
    ['a SIGKILL that was not ours', { signal: 'SIGKILL' as const, code: null }, 'TOOL_FAILED'],
    ['a full disk', { stderr: 'av_interleaved_write_frame(): No space left on device' }, 'STORAGE_FULL'],
    ['a demuxer that is not allowed', { stderr: "[hls @ 0x1] Format not on whitelist 'mov'" }, 'SOURCE_UNREADABLE'],
    ['a file that is no media', { stderr: 'file:/data/a: Invalid data found when processing input' }, 'SOURCE_UNREADABLE'],
    ['a huge picture', { stderr: 'Picture size 20000x20000 exceeds specified max pixel count 100' }, 'SOURCE_TOO_LARGE'],
    ['too many decode errors', { code: 69 }, 'SOURCE_UNREADABLE'],
    ['anything else', { stderr: 'Conversion failed!' }, 'TOOL_FAILED'],
  ])('by %s is classified', (_, end, code) => {
    expect(failure(end)?.code).toBe(code);
  });

  test('shows stderr and the command without the folders of this machine', () => {
    const end = { ...ended, stderr: "file:/var/lib/cutroom/t/a.mp4: odd\nfps=30000/1001 '/tmp/x/y.ts' ok" };
    const tool = toRunFailure(end, { limits: defaultLimits, command: ['ffmpeg', '-i', 'file:/var/lib/a.mp4'] })!.details.tool!;
    expect(tool).toEqual({ exit_code: 1, stderr_tail: "a.mp4: odd\nfps=30000/1001 'y.ts' ok", command: ['ffmpeg', '-i', 'a.mp4'] });
    expect(toSafeText('[0:v]scale=iw/2:ih/2,fps=25/1')).toBe('[0:v]scale=iw/2:ih/2,fps=25/1');
  });
});

test('a tail keeps the last characters only', () => {
  const tail = createTail(4);
  for (const letter of 'abcdefghijkl') tail.add(letter);
  expect(tail.text()).toBe('ijkl');
});

test('lines are whole whatever the chunks', () => {
  const lines: string[] = [];
  const split = createLineSplitter((line) => lines.push(line));
  for (const chunk of ['a', 'b\nc', '\n\nd']) split(Buffer.from(chunk));
  expect(lines).toEqual(['ab', 'c', '']);
});

test('CPU seconds are counted after a process name with spaces and brackets', () => {
  expect(parseCpuS('12 (a) b) S 1 12 12 0 -1 4194304 100 0 0 0 150 50 7 3 20 0')).toBe(2.1);
});

describe('capabilities', () => {
  const version = 'ffmpeg version 5.1.9-0+deb12u1 Copyright\nconfiguration: --enable-gpl';
  const names = 'scale drawtext subtitles overlay concat loudnorm silencedetect select thumbnail ebur128'.split(' ');
  const filters = ['Filters:', '  T.. = Timeline support', ...names.map((name) => ` TSC ${name}             V->V       Words.`)].join('\n');
  const encoders = [' V..... = Video', ' V....D libx264              H.264', ' A....D aac                  AAC'].join('\n');

  test('are the names of the listings and a short name of the build', () => {
    const read = parseCapabilities({ version, filters, encoders }, ['setpriv']);
    expect([...read.filters]).toEqual(names);
    expect([...read.encoders]).toEqual(['libx264', 'aac']);
    expect(read.build).toMatch(/^5\.1\.9-0\+deb12u1-[0-9a-f]{12}$/);
    expect(read.sandboxMissing).toEqual(['setpriv']);
  });

  test('that lack something needed say all of it', () => {
    const partly = { version, filters: filters.replace('ebur128', 'other'), encoders: '' };
    expect(() => parseCapabilities(partly, [])).toThrow(/ebur128, libx264, aac/);
  });
});
