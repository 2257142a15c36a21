import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { arch, env, getuid, pid, platform } from 'node:process';
import { hasApt, installPackages, unpackPackages, wrapPrograms } from './apt.mjs';
import { brewInstall, hasBrew } from './brew.mjs';
import { findProgram, isProgram, lastLine, runProgram } from './process.mjs';

const oldestVersion = [4, 4];
const neededFilters = [
  'scale',
  'drawtext',
  'subtitles',
  'overlay',
  'concat',
  'loudnorm',
  'silencedetect',
  'select',
  'thumbnail',
  'ebur128',
];
const neededEncoders = ['libx264', 'aac'];
const debianPackages = ['ffmpeg', 'fonts-dejavu-core'];

/** ffmpeg and ffprobe of one origin: what is here, else installed or unpacked, else the old static builds from npm. */
export async function resolveFfmpeg(context) {
  return (await findFfmpeg(context)) ?? (await installFfmpeg(context)) ?? (await fallback(context));
}

/** What the environment names, what is on PATH (and, after an installation, where installers put it), what an earlier run found or unpacked. */
async function findFfmpeg({ runtimeDir, root, before }, installedTo = []) {
  const { FFMPEG_PATH, FFPROBE_PATH } = env;
  if (FFMPEG_PATH && FFPROBE_PATH) {
    const named = await identify({ ffmpeg: FFMPEG_PATH, ffprobe: FFPROBE_PATH, origin: 'FFMPEG_PATH' });
    if (named.problem) throw new Error(`FFMPEG_PATH=${FFMPEG_PATH}: ${named.problem}`);
    return named;
  }
  const wrapped = wrapPrograms({ runtimeDir, name: 'ffmpeg', programs: ['ffmpeg', 'ffprobe'] });
  const candidates = [
    [findProgram('ffmpeg', installedTo), findProgram('ffprobe', installedTo)],
    [before?.ffmpeg.path, before?.ffprobe.path],
    wrapped ?? [],
  ];
  for (const [ffmpeg, ffprobe] of candidates) {
    if (!ffmpeg || !ffprobe || ffmpeg.startsWith(npmFolder(runtimeDir))) continue;
    const found = await identify({ ffmpeg, ffprobe, origin: ffmpeg.replace(`${root}/`, '') });
    if (!found.problem) return found;
  }
  return null;
}

async function installFfmpeg(context) {
  const { mayInstall, say } = context;
  if (!mayInstall('ffmpeg')) return null;
  try {
    let installedTo = [];
    if (hasApt()) installedTo = await installFromDebian(context);
    else if (platform === 'darwin' && hasBrew()) installedTo = await brewInstall('ffmpeg', context);
    else say('ffmpeg', 'not found; install ffmpeg 4.4 or newer with your package manager for real use.');
    const found = await findFfmpeg(context, installedTo);
    return found && { ...found, origin: `${found.origin}, just installed` };
  } catch (error) {
    say('ffmpeg', `could not be installed (${error.message})`);
    return null;
  }
}

/** Root gets a system package (ffmpeg starts no service); everybody else, and root when that fails, an unpacked one. Returns where to look besides PATH. */
async function installFromDebian({ runtimeDir, say }) {
  if (getuid?.() === 0) {
    say('ffmpeg', `not found; apt-get install ${debianPackages.join(' ')} …`);
    try {
      await installPackages(debianPackages);
      return ['/usr/bin'];
    } catch (error) {
      say('ffmpeg', `apt-get install failed (${error.message})`);
    }
  }
  say('ffmpeg', 'unpacking the Debian packages into .runtime (about 170 MB, nothing on the system changes) …');
  await unpackPackages({ runtimeDir, name: 'ffmpeg', packages: debianPackages });
  return [];
}

async function fallback({ runtimeDir, root, say }) {
  const require = createRequire(join(root, 'package.json'));
  const programs = {};
  for (const program of ['ffmpeg', 'ffprobe']) {
    programs[program] = copyProgram(npmProgram(require, program), join(npmFolder(runtimeDir), program));
  }
  const found = await identify({ ...programs, origin: 'npm static build' });
  if (found.problem) throw new Error(`No usable ffmpeg: ${found.problem}. Install ffmpeg 4.4 or newer.`);
  const warning = `WARNING: no ffmpeg found. Using an old static build (${found.version}) without security fixes: demo only, never foreign uploads.`;
  say('ffmpeg', 'falling back to the static build from npm');
  return { ...found, fallback: true, warning };
}

const npmFolder = (runtimeDir) => join(runtimeDir, 'npm');

function npmProgram(require, program) {
  const file = platform === 'win32' ? `${program}.exe` : program;
  try {
    return require.resolve(`@${program}-installer/${platform}-${arch}/${file}`);
  } catch {
    throw new Error(`No ${program} for ${platform}-${arch}: install ffmpeg 4.4 or newer with your package manager.`);
  }
}

/** npm delivers one of the two without its execute bit, and install scripts do not run: so a copy of ours carries it. */
function copyProgram(from, to) {
  if (existsSync(to) && statSync(to).size === statSync(from).size) return to;
  mkdirSync(dirname(to), { recursive: true });
  const draft = `${to}.${pid}`;
  copyFileSync(from, draft);
  chmodSync(draft, 0o755);
  renameSync(draft, to);
  return to;
}

async function identify({ ffmpeg, ffprobe, origin }) {
  const missing = [ffmpeg, ffprobe].find((path) => !isProgram(path));
  if (missing) return { problem: `${missing} is not an executable file` };
  const [version, probe, filters, encoders] = await Promise.all([
    runProgram(ffmpeg, ['-version']),
    runProgram(ffprobe, ['-version']),
    runProgram(ffmpeg, ['-hide_banner', '-filters']),
    runProgram(ffmpeg, ['-hide_banner', '-encoders']),
  ]);
  const broken = [version, probe, filters, encoders].find(({ status }) => status !== 0);
  if (broken) return { problem: lastLine(broken.stderr) || 'it does not run' };
  const name = /version (\S+)/.exec(version.stdout)?.[1] ?? 'unknown';
  const problem = shortcoming({ version: name, filters: filters.stdout, encoders: encoders.stdout, isFallback: origin.startsWith('npm') });
  return { ffmpeg, ffprobe, version: name, probeVersion: /version (\S+)/.exec(probe.stdout)?.[1] ?? 'unknown', origin, problem };
}

function shortcoming({ version, filters, encoders, isFallback }) {
  const [major, minor] = (/^n?(\d+)\.(\d+)/.exec(version) ?? ['', '99', '0']).slice(1).map(Number);
  const old = major < oldestVersion[0] || (major === oldestVersion[0] && minor < oldestVersion[1]);
  if (old && !isFallback) return `version ${version} is older than 4.4`;
  const absent = [
    ...neededFilters.filter((filter) => !lists(filters, filter)),
    ...neededEncoders.filter((encoder) => !lists(encoders, encoder)),
  ];
  return absent.length > 0 ? `it lacks ${absent.join(', ')}` : undefined;
}

function lists(table, name) {
  return table.split('\n').some((line) => line.trim().split(/\s+/)[1] === name);
}
