import { describe, expect, test } from 'vitest';
import { checkArguments } from '#media/child/guard';
import { toFileOption } from '#media/child/long-graph';
import { buildLauncher } from '#media/child/sandbox';
import { buildInputOptions, buildOutputOptions, buildProbeOptions, defaultLimits, toInputUrl, toOutputUrl } from '#media/command';

const file = { path: '/data/a.mp4' };
const input = [...buildInputOptions(file, defaultLimits), '-i', toInputUrl(file)];
const output = [...buildOutputOptions({ options: ['-c', 'copy'], path: 'out.mp4' }, defaultLimits), 'out.mp4'];

describe('an input', () => {
  test('carries both whitelists and the pixel limit before its own options', () => {
    const options = buildInputOptions({ path: '/data/a.mp4', options: ['-ss', '3'] }, { maxPixels: 100 });
    expect(options[options.indexOf('-protocol_whitelist') + 1]).toBe('file,pipe');
    expect(options.slice(-4)).toEqual(['-max_pixels', '100', '-ss', '3']);
  });

  test.each(['hls', 'dash', 'concat', 'sdp', 'rtp', 'lavfi', 'tedcaptions'])('of a file never allows the %s demuxer', (name) => {
    for (const options of [buildInputOptions(file, defaultLimits), buildProbeOptions(defaultLimits)]) {
      expect(options[options.indexOf('-format_whitelist') + 1]!.split(',')).not.toContain(name);
    }
  });

  test('that is generated allows lavfi alone', () => {
    const graph = { path: 'testsrc=d=1', format: 'lavfi' as const };
    expect(buildInputOptions(graph, defaultLimits)).toEqual([
      ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', 'lavfi', '-f', 'lavfi'],
    ]);
    expect(toInputUrl(graph)).toBe('testsrc=d=1');
  });

  test('that is our own list is read in safe mode', () => {
    expect(buildInputOptions({ path: '/data/list.txt', format: 'concat' }, defaultLimits)).toEqual(expect.arrayContaining(['-safe', '1']));
  });

  test('is named as a file, so that no name is an option or a protocol', () => {
    expect(toInputUrl({ path: '/data/concat:a|b.mp4' })).toBe('file:/data/concat:a|b.mp4');
  });
});

describe('an output', () => {
  test('has a length and a size', () => {
    expect(buildOutputOptions({ options: ['-an'], path: 'a.mp4' }, { outputS: 7, outputBytes: 9 })).toEqual(['-an', '-t', '7', '-fs', '9']);
  });

  test('keeps a length of its own', () => {
    expect(buildOutputOptions({ options: ['-t', '3'], path: 'a.mp4' }, { outputS: 7, outputBytes: 9 })).toEqual(['-t', '3', '-fs', '9']);
  });
});

describe('the last look before a process starts', () => {
  test('lets a command of the builders pass', () => {
    expect(() => checkArguments([...input, '-y', ...output], ['out.mp4'])).not.toThrow();
  });

  test('lets samples come by stdin and packets go to a file and stdout', () => {
    const samples = { path: 'pipe:0', options: ['-f', 'f32le'] };
    const piped = [...buildInputOptions(samples, defaultLimits), '-i', toInputUrl(samples)];
    const both = { options: ['-c:a', 'aac'], path: 'a.m4a', tee: { file: 'f=mp4:movflags=+faststart', stdout: 'f=adts' } };
    const url = toOutputUrl(both);
    expect(url).toBe('[f=mp4:movflags=+faststart]a.m4a|[f=adts]pipe:1');
    expect(() => checkArguments([...piped, ...buildOutputOptions(both, defaultLimits), url], [url])).not.toThrow();
  });

  const teeTo = (url: string): [string[], string[]] => [[...input, '-f', 'tee', ...output.slice(0, -1), url], [url]];
  const without = (words: string[], option: string) => words.filter((_, at) => words[at] !== option && words[at - 1] !== option);
  test.each([
    ['no input', output, ['out.mp4']],
    ['an input without its protocol whitelist', [...without(input, '-protocol_whitelist'), ...output], ['out.mp4']],
    ['an input without its format whitelist', [...without(input, '-format_whitelist'), ...output], ['out.mp4']],
    ['a second input without whitelists', [...input, '-i', 'file:/data/b.mp4', ...output], ['out.mp4']],
    ['a whitelist given twice', ['-format_whitelist', 'hls', ...input, ...output], ['out.mp4']],
    ['a whitelist with hls', [...input.map((word) => word.replace('mov,', 'hls,mov,')), ...output], ['out.mp4']],
    ['an input that is no file', [...input.slice(0, -1), 'http://a/b.mp4', ...output], ['out.mp4']],
    ['an input by relative path', [...input.slice(0, -1), 'file:b.mp4', ...output], ['out.mp4']],
    ['an output without -t', [...input, ...without(output, '-t')], ['out.mp4']],
    ['an output without -fs', [...input, ...without(output, '-fs')], ['out.mp4']],
    ['an output in another folder', [...input, ...output.slice(0, -1), '../out.mp4'], ['../out.mp4']],
    ['an output by protocol', [...input, ...output.slice(0, -1), 'tcp:a'], ['tcp:a']],
    ['a word that became an output', [...input, ...output, 'world'], ['out.mp4']],
    ['stdin in a format to be guessed', [...input.slice(0, -1), 'pipe:0', ...output], ['out.mp4']],
    ['stdin in a format that is made elsewhere', ['-f', 'mov', ...input.slice(0, -1), 'pipe:0', ...output], ['out.mp4']],
    ['a tee into another folder', ...teeTo('[f=mp4]../a.m4a|[f=adts]pipe:1')],
    ['a tee by protocol', ...teeTo('[f=mp4]tcp:a|[f=adts]pipe:1')],
    ['a tee to three', ...teeTo('[f=mp4]a.m4a|[f=mp4]b.m4a|[f=adts]pipe:1')],
    ['a tee with an option that names a file', ...teeTo('[f=segment:segment_list=/a]a.m4a|[f=adts]pipe:1')],
    ['a tee under the name of a file', ...teeTo('out.mp4')],
    ['a filter that opens files', [...input, '-filter_complex', '[0:v]null;movie=/etc/passwd[x]', ...output], ['out.mp4']],
    ['an attachment', [...input, '-attach', '/etc/passwd', ...output], ['out.mp4']],
    ['a dump of attachments', [...input, '-dump_attachment:t', 'a', ...output], ['out.mp4']],
  ])('refuses %s', (_, argv, outputs) => {
    expect(() => checkArguments(argv, outputs)).toThrow(/unsafe ffmpeg command/);
  });
});

describe('the launcher', () => {
  const tools = { setpriv: '/b/setpriv', sh: '/b/sh', setsid: '/b/setsid', prlimit: '/b/prlimit', nice: '/b/nice', env: '/b/env' };
  const limits = { cpuS: 10, memoryBytes: 1000, outputBytes: 0 };

  test('is one chain of execs: death with the parent first, then group, limits, priority, empty environment', () => {
    const launcher = buildLauncher({ tools, missing: [], parentPid: 42 }, limits);
    expect(launcher.filter((word) => word.startsWith('/b/'))).toEqual(Object.values(tools));
    expect(launcher).toEqual(
      expect.arrayContaining(['--cpu=10:15', '--as=1000', '--core=0', '--pdeathsig', 'KILL', '--no-new-privs', '-i']),
    );
    expect(launcher.slice(0, 9)).toEqual([
      '/b/setpriv',
      '--pdeathsig',
      'KILL',
      '--no-new-privs',
      '/b/sh',
      '-c',
      expect.any(String),
      'sh',
      '42',
    ]);
    expect(launcher.slice(launcher.indexOf('-i') + 1).every((word) => /^[A-Z_]+=/.test(word))).toBe(true);
  });

  test('leaves out what a machine lacks', () => {
    expect(buildLauncher({ tools: { nice: '/b/nice' }, missing: [], parentPid: 42 }, limits)).toEqual(['/b/nice', '-n', '10']);
  });
});

test('a long filter graph is named as the version reads it', () => {
  expect(['5.1.9-0+deb12u1', '7.1.5', 'N-118000-gabc'].map(toFileOption)).toEqual([
    '-filter_complex_script',
    '-/filter_complex',
    '-/filter_complex',
  ]);
});
