import { join } from 'node:path';
import { env, platform } from 'node:process';
import { hasApt, unpackPackages, wrapPrograms } from './apt.mjs';
import { brewInstall, hasBrew } from './brew.mjs';
import { findProgram, isProgram, runProgram } from './process.mjs';

const oldestVersion = [6, 2];
const standInWarning =
  'WARNING: no redis-server found. Using an in-memory stand-in: ALL JOBS ARE LOST WHEN THIS PROCESS STOPS. Demo use only.';

/** The queue's server: what is here, else unpacked or installed, else the JavaScript stand-in. `{kind, path, version, origin, warning?}` */
export async function resolveRedis(context) {
  return (await findRedis(context)) ?? (await installRedis(context)) ?? standIn(context);
}

async function findRedis({ runtimeDir, root, before }, installedTo = []) {
  const named = env.REDIS_SERVER_BIN;
  if (named) return (await identify(named, 'REDIS_SERVER_BIN')) ?? fail(`REDIS_SERVER_BIN=${named} is no redis-server 6.2 or newer`);
  const [wrapped] = wrapPrograms({ runtimeDir, name: 'redis', programs: ['redis-server'] }) ?? [];
  const recorded = before?.redis?.kind === 'server' ? before.redis.path : undefined;
  const onPath = ['redis-server', 'valkey-server'].map((name) => findProgram(name, installedTo));
  for (const path of [...onPath, recorded, wrapped]) {
    const found = path && (await identify(path, path.replace(`${root}/`, '')));
    if (found) return found;
  }
  return null;
}

async function installRedis(context) {
  const { runtimeDir, mayInstall, say } = context;
  if (!mayInstall('redis')) return null;
  try {
    let installedTo = [];
    // Never `apt install`: on a systemd machine that starts and enables a daemon on 6379.
    if (hasApt()) {
      say('redis', 'not found; unpacking the Debian package into .runtime (nothing on the system changes) …');
      await unpackPackages({ runtimeDir, name: 'redis', packages: ['redis-server', 'redis-tools'] });
    } else if (platform === 'darwin' && hasBrew()) {
      installedTo = await brewInstall('valkey', context);
    } else {
      say('redis', 'not found; install redis or valkey with your package manager to keep jobs across restarts.');
    }
    const found = await findRedis(context, installedTo);
    return found && { ...found, origin: `${found.origin}, just installed` };
  } catch (error) {
    say('redis', `could not be installed (${error.message})`);
    return null;
  }
}

function standIn({ root }) {
  const path = join(root, 'scripts/stand-in-redis.mjs');
  return { kind: 'stand-in', path, version: 'stand-in', origin: 'js-redis-server from npm', warning: standInWarning };
}

async function identify(path, origin) {
  if (!isProgram(path)) return null;
  const { status, stdout } = await runProgram(path, ['--version']);
  const version = /v=(\d+)\.(\d+)\.(\d+)/.exec(stdout);
  if (status !== 0 || !version) return null;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  const recent = major > oldestVersion[0] || (major === oldestVersion[0] && minor >= oldestVersion[1]);
  return recent ? { kind: 'server', path, version: version[0].slice(2), origin } : null;
}

function fail(message) {
  throw new Error(message);
}
