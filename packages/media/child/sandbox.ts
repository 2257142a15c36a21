import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { MediaLimits } from '../command.ts';

const launchers = ['setpriv', 'sh', 'setsid', 'prlimit', 'nice', 'env'] as const;
type Launcher = (typeof launchers)[number];

/** Absolute paths of the small tools that confine a child; an absent one weakens the sandbox and is reported at boot. */
export interface Sandbox {
  tools: Partial<Record<Launcher, string>>;
  missing: Launcher[];
  /** The process that children must not outlive. */
  parentPid: number;
}

/** Looks for the launchers in `searchPath` (the form of PATH). */
export function findSandbox(searchPath: string): Sandbox {
  const tools: Sandbox['tools'] = {};
  for (const name of launchers) {
    const path = findExecutable(name, searchPath);
    if (path !== null) tools[name] = path;
  }
  return { tools, missing: launchers.filter((name) => tools[name] === undefined), parentPid: process.pid };
}

/** Absolute path of the first executable of that name, or null. */
export function findExecutable(name: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    const path = join(folder || '.', name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return null;
}

/**
 * The argv prefix that confines a media tool: death with its parent, no new privileges, own process group, resource
 * limits, low priority, an environment of five fixed names. Every link execs the next, so the pid that Node sees
 * is the tool's and leads its group.
 */
export function buildLauncher(sandbox: Sandbox, limits: Pick<MediaLimits, 'cpuS' | 'memoryBytes' | 'outputBytes'>): string[] {
  const { setpriv, sh, setsid, prlimit, nice, env } = sandbox.tools;
  const cpuS = Math.ceil(limits.cpuS);
  return [
    ...(setpriv ? [setpriv, '--pdeathsig', 'KILL', '--no-new-privs'] : []),
    ...(setpriv && sh ? [sh, '-c', orphanCheck, 'sh', String(sandbox.parentPid)] : []),
    ...(setsid ? [setsid] : []),
    ...(prlimit ? [prlimit, `--cpu=${cpuS}:${cpuS + 5}`, `--fsize=${limits.outputBytes + fileSlack}`] : []),
    ...(prlimit ? [`--as=${limits.memoryBytes}`, '--core=0', '--nofile=64'] : []),
    ...(nice ? [nice, '-n', '10'] : []),
    ...(env ? [env, '-i', ...environment] : []),
  ];
}

/** A parent that died between the fork and `prctl` sends no signal any more: whoever finds itself adopted does not begin. */
const orphanCheck = '[ "$PPID" = "$1" ] || exit 125; shift; exec "$@"';

/** ffmpeg stops by itself at `-fs` after the packet that crosses it; the hard limit is for what does not ask. */
const fileSlack = 64 * 2 ** 20;

/** No HOME: fontconfig must not write caches. Few malloc arenas: each one reserves 64 MB of address space. */
const environment = ['PATH=/usr/local/bin:/usr/bin:/bin', 'LC_ALL=C', 'TZ=UTC', 'AV_LOG_FORCE_NOCOLOR=1', 'MALLOC_ARENA_MAX=4'];
