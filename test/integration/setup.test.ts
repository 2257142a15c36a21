import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { root } from '../helpers/tools.ts';

const filters = ['scale', 'drawtext', 'subtitles', 'overlay', 'concat', 'loudnorm', 'silencedetect', 'select', 'thumbnail', 'ebur128'];
const redis = (version: string) => `echo "Redis server v=${version} sha=0 malloc=jemalloc"`;
const ffmpeg = (version: string, has = filters) =>
  `case "$*" in *-filters*) printf ' T.C %s x\\n' ${has.join(' ')};; *-encoders*) printf ' V.. %s x\\n' libx264 aac;; *) echo "ffmpeg version ${version} (c)";; esac`;

let clone: string;

/** A clone on a machine of our making: PATH holds what the test puts there and nothing else. */
beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), "cutroom's clone "));
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
  writeFileSync(join(clone, 'package.json'), '{}');
});

afterEach(() => rmSync(clone, { recursive: true, force: true }));

function put(folder: string, programs: Record<string, string>): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

function setUp({ noInstall = true, env = {} }: { noInstall?: boolean; env?: Record<string, string> } = {}) {
  const given = JSON.stringify({ root: clone, noInstall, assumeYes: false, wantsRedis: !env['REDIS_URL'] });
  const script = `import { resolveTools } from '${root}/scripts/setup/tools.mjs'; await resolveTools(${given});`;
  const path = join(clone, 'bin');
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { PATH: path, ...env },
    encoding: 'utf8',
  });
  const record = existsSync(join(clone, '.runtime/tools.json'))
    ? JSON.parse(readFileSync(join(clone, '.runtime/tools.json'), 'utf8'))
    : null;
  return { status, stderr, record };
}

const everything = { 'redis-server': redis('7.2.4'), ffmpeg: ffmpeg('6.1.1-3ubuntu5'), ffprobe: ffmpeg('6.1.1-3ubuntu5') };

describe('set-up', () => {
  test('takes what is on PATH, says so in one line per tool and records it', () => {
    const bin = put(join(clone, 'bin'), everything);
    const { stderr, record } = setUp();
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/).slice(0, 2)),
    ).toEqual([
      ['redis', '7.2.4'],
      ['ffmpeg', '6.1.1-3ubuntu5'],
      ['ffprobe', '6.1.1-3ubuntu5'],
    ]);
    expect(record).toMatchObject({
      root: clone,
      redis: { kind: 'server', path: join(bin, 'redis-server') },
      ffmpeg: { path: join(bin, 'ffmpeg') },
    });
  });

  test.each([
    ['a Redis older than 6.2', { ...everything, 'redis-server': redis('6.0.16') }, 'redis'],
    ['an ffmpeg older than 4.4', { ...everything, ffmpeg: ffmpeg('4.3.6-0+deb11u1') }, 'ffmpeg'],
    ['an ffmpeg without a needed filter', { ...everything, ffmpeg: ffmpeg('6.1', filters.slice(1)) }, 'ffmpeg'],
    ['an ffmpeg that does not run', { ...everything, ffmpeg: 'exit 127' }, 'ffmpeg'],
    ['a machine with nothing', {}, 'redis'],
  ])('falls back loudly for %s', (_name, programs, tool) => {
    put(join(clone, 'bin'), programs);
    const { status, stderr, record } = setUp();
    expect(status).toBe(0);
    expect(stderr).toMatch(tool === 'redis' ? /WARNING: no redis-server found.*ALL JOBS ARE LOST/ : /WARNING: no ffmpeg found.*demo only/);
    expect(tool === 'redis' ? record.redis.kind : record.ffmpeg.path).toEqual(
      tool === 'redis' ? 'stand-in' : join(clone, '.runtime/npm/ffmpeg'),
    );
  });

  test('prefers what the environment names, and refuses it when it is not what it says', () => {
    put(join(clone, 'bin'), everything);
    const other = put(join(clone, 'other'), { ...everything, 'redis-server': redis('8.0.1'), broken: 'exit 1' });
    const named = {
      REDIS_SERVER_BIN: join(other, 'redis-server'),
      FFMPEG_PATH: join(other, 'ffmpeg'),
      FFPROBE_PATH: join(other, 'ffprobe'),
    };
    expect(setUp({ env: named }).record).toMatchObject({ redis: { version: '8.0.1' }, ffmpeg: { path: join(other, 'ffmpeg') } });
    expect(setUp({ env: { ...named, REDIS_SERVER_BIN: join(other, 'broken') } })).toMatchObject({ status: 1 });
    expect(setUp({ env: { ...named, FFMPEG_PATH: join(other, 'absent') } }).stderr).toContain('is not an executable file');
  });

  test('starts no Redis when REDIS_URL names one, and never prints its password', () => {
    put(join(clone, 'bin'), { ...everything, 'redis-server': 'exit 1' });
    const { status, stderr } = setUp({ env: { REDIS_URL: 'redis://user:hunter2@queue:6379' } });
    expect(status).toBe(0);
    expect(stderr).toContain('redis     the one at REDIS_URL (redis://…@queue:6379)');
    expect(stderr).not.toContain('hunter2');
  });

  test('goes on without apt when it fails, and does not try it at every start', () => {
    const calls = join(clone, 'calls');
    const coreutils = {
      ...everything,
      'redis-server': 'exit 1',
      dpkg: 'exit 1',
      'apt-get': `echo called >> "${calls}"; echo "E: no network" >&2; exit 100`,
    };
    put(join(clone, 'bin'), coreutils);
    const first = setUp({ noInstall: false });
    expect(first.stderr).toMatch(/redis +could not be installed \(.*\)/);
    expect(first.record.redis.kind).toBe('stand-in');
    const after = existsSync(calls) ? readFileSync(calls, 'utf8') : '';
    setUp({ noInstall: false });
    expect(existsSync(calls) ? readFileSync(calls, 'utf8') : '').toBe(after);
    put(join(clone, 'bin'), everything);
    expect(setUp().record).toMatchObject({ redis: { kind: 'server' }, install_failed_at: {} });
  });

  test('wraps unpacked programs so that they find their libraries, also after the clone was moved', () => {
    put(join(clone, 'bin'), { ffmpeg: everything.ffmpeg, ffprobe: everything.ffprobe });
    const tree = join(clone, '.runtime/redis/tree/usr');
    put(join(tree, 'bin'), { 'redis-server': `${redis('7.0.15')} "$LD_LIBRARY_PATH"` });
    mkdirSync(join(tree, 'lib/x86_64-linux-gnu/blas'), { recursive: true });
    expect(setUp().record.redis).toMatchObject({ kind: 'server', version: '7.0.15', path: join(clone, '.runtime/bin/redis-server') });
    const moved = join(dirname(clone), "cutroom's other place");
    renameSync(clone, moved);
    clone = moved;
    const { record } = setUp();
    expect(record).toMatchObject({ root: moved, redis: { path: join(moved, '.runtime/bin/redis-server') } });
    const libraries = [
      join(moved, '.runtime/redis/tree/usr/lib/x86_64-linux-gnu'),
      join(moved, '.runtime/redis/tree/usr/lib/x86_64-linux-gnu/blas'),
    ];
    expect(execFileSync(record.redis.path, { encoding: 'utf8', env: {} })).toContain(libraries.join(':'));
    expect(execFileSync(record.redis.path, { encoding: 'utf8', env: { LD_LIBRARY_PATH: '/own' } })).toContain(
      `${libraries.join(':')}:/own`,
    );
  });
});

describe('./run', () => {
  const run = (args: string[], path = process.env['PATH']!) =>
    spawnSync('/bin/sh', [join(root, 'run'), ...args], { encoding: 'utf8', env: { PATH: path } });

  test('explains itself: asked on stdout, unasked on stderr with exit code 2', () => {
    expect(run(['--help'])).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('usage: ./run COMMAND') });
    for (const args of [[], ['dmeo']])
      expect(run(args)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('usage: ./run') });
  });

  test.each(['v18.20.4', 'v20.18.3'])('refuses Node %s by name', (version) => {
    const bin = put(join(clone, 'bin'), { node: `echo ${version}`, dirname: '/usr/bin/dirname "$@"' });
    expect(run(['serve'], bin)).toMatchObject({ status: 1, stderr: `run: Node.js 20.19 or newer is needed; this is ${version}.\n` });
  });
});
