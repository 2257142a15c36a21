import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { diesWithParent, stopProcess } from '#runtime/redis-server';

export interface ProgramOptions {
  /** Built JavaScript, run by this very node. */
  file: string;
  /** What it is started through, such as `ip netns exec NAME`. */
  prefix?: readonly string[] | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** The line on stdout by which it says that it works; its first group is what `ready` resolves to. */
  readyLine: RegExp;
  /** Every other line of stdout, and all of stderr: its log. */
  onLog: (line: string) => void;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface Program {
  pid: number;
  /** Rejects when it ends without having said so. */
  ready: Promise<string>;
  exited: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, then SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts one of our programs as a process of its own that ends when this one does, and is not hit by Ctrl-C before we say so. */
export function startProgram({ file, prefix = [], env, cwd, readyLine, onLog }: ProgramOptions): Program {
  const [first, ...words] = [...prefix, process.execPath, file] as unknown as [string, ...string[]];
  const [command, args] = diesWithParent([first, words]);
  const child = spawn(command, args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = waitForExit(child);
  const ready = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = readyLine.exec(line);
      if (match) resolve(match[1] ?? '');
      else onLog(line);
    });
    exited.then(({ code, signal }) => reject(new Error(`${file} ended before it was ready (${signal ?? `exit ${code}`})`)));
  });
  ready.catch(() => {}); // whoever waits for it sees the rejection; whoever does not, need not
  createInterface({ input: child.stderr }).on('line', onLog);
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    kill: (signal) => child.kill(signal),
    stop: (graceMs) => stopProcess(child, { signal: 'SIGTERM', graceMs }),
  };
}

/** `close` and not `exit`: what it said last has been read by then. */
function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}
