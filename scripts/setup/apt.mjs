/**
 * Debian packages without root: apt works on private folders, and the packages are unpacked below `.runtime`, never installed.
 * Nothing of the system changes. Unpacked programs find their libraries through a wrapper that sets the path for them alone.
 */
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { findProgram, isProgram, lastLine, runProgram } from './process.mjs';

const patience = ['-o', 'Acquire::http::Timeout=15', '-o', 'Acquire::https::Timeout=15', '-o', 'Acquire::Retries=1'];
const updateTimeoutMs = 120_000;
const downloadTimeoutMs = 600_000;

export function hasApt() {
  return Boolean(findProgram('apt-get') && findProgram('dpkg') && existsSync('/var/lib/dpkg/status'));
}

/** Downloads `packages` with what they need and unpacks them to `.runtime/<name>/tree`. Throws with apt's last words. */
export async function unpackPackages({ runtimeDir, name, packages }) {
  const tree = join(runtimeDir, name, 'tree');
  const work = join(runtimeDir, `${name}.${pid}`);
  try {
    const options = aptOptions(work);
    await must('apt-get', [...options, 'update', '-qq'], updateTimeoutMs);
    // --reinstall: a named package is fetched also when the system has it, for its files must be in the tree.
    const install = ['install', '-y', '-qq', '--no-install-recommends', '--reinstall', '--download-only', ...packages];
    await must('apt-get', [...options, ...install], downloadTimeoutMs);
    for (const file of archives(work)) await must('dpkg', ['-x', file, join(work, 'tree')], updateTimeoutMs);
    rmSync(tree, { recursive: true, force: true });
    mkdirSync(join(runtimeDir, name), { recursive: true });
    renameSync(join(work, 'tree'), tree);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Installs for the whole machine; only for root, and only packages that start no service. */
export async function installPackages(packages) {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', [...patience, 'update', '-qq'], updateTimeoutMs, environment);
  await must('apt-get', [...patience, 'install', '-y', '-qq', '--no-install-recommends', ...packages], downloadTimeoutMs, environment);
}

/**
 * Writes `.runtime/bin/<program>` for each program that an earlier unpacking left in `.runtime/<name>/tree`; returns their paths.
 * Wrappers hold absolute paths, so they are written anew at every start: a moved clone just works. `exec` lets signals reach the program.
 */
export function wrapPrograms({ runtimeDir, name, programs }) {
  const tree = join(runtimeDir, name, 'tree');
  const found = programs.filter((program) => isProgram(join(tree, 'usr/bin', program)));
  if (found.length < programs.length) return null;
  const bin = join(runtimeDir, 'bin');
  mkdirSync(bin, { recursive: true });
  const environment = libraryPath(libraryFolders(tree));
  for (const program of programs) {
    writeProgram(join(bin, program), `#!/bin/sh\n${environment}exec ${quote(join(tree, 'usr/bin', program))} "$@"\n`);
  }
  return programs.map((program) => join(bin, program));
}

function aptOptions(work) {
  for (const folder of ['lists/partial', 'cache/archives/partial', 'tree']) mkdirSync(join(work, folder), { recursive: true });
  copyFileSync('/var/lib/dpkg/status', join(work, 'status'));
  const settings = [
    `Dir::State::lists=${work}/lists`,
    `Dir::State::status=${work}/status`,
    `Dir::Cache=${work}/cache`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
    'APT::Keep-Downloaded-Packages=true',
  ];
  return [...patience, ...settings.flatMap((setting) => ['-o', setting])];
}

function archives(work) {
  const folder = join(work, 'cache/archives');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.deb'))
    .map((file) => join(folder, file));
}

/** Where the unpacked packages keep shared libraries: the multiarch folders and the ones that alternatives would link into them. */
function libraryFolders(tree) {
  const roots = [join(tree, 'usr/lib'), join(tree, 'lib')].filter((folder) => existsSync(folder));
  const multiarch = roots.flatMap((folder) =>
    readdirSync(folder)
      .filter((entry) => entry.includes('-linux-'))
      .map((entry) => join(folder, entry)),
  );
  return multiarch.flatMap((folder) =>
    [folder, ...['pulseaudio', 'blas', 'lapack'].map((sub) => join(folder, sub))].filter((path) => existsSync(path)),
  );
}

/** An empty element would mean the current folder, so nothing is set when there is nothing to set. */
function libraryPath(folders) {
  return folders.length === 0 ? '' : `LD_LIBRARY_PATH=${quote(folders.join(':'))}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} `;
}

function writeProgram(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const draft = `${path}.${pid}`;
  writeFileSync(draft, text);
  chmodSync(draft, 0o755);
  renameSync(draft, path);
}

function quote(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

async function must(command, args, timeoutMs, environment) {
  const { status, stderr } = await runProgram(command, args, { timeoutMs, environment });
  if (status !== 0) throw new Error(`${command}: ${lastLine(stderr) || `exit ${status}`}`);
}
