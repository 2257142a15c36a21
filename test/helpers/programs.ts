import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './tools.ts';

export interface ProgramRun {
  status: number;
  stdout: string;
  stderr: string;
}

/** Absolute path of a program in `.runtime/bin` or on PATH, undefined when this machine has none. */
export function findProgram(name: string): string | undefined {
  const folders = [join(root, '.runtime/bin'), ...(process.env['PATH'] ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

interface RunSettings {
  environment?: NodeJS.ProcessEnv;
  /** What it reads from stdin. */
  input?: string;
}

/** Runs it in the project's folder and waits for the end; a failing program is an answer, not an exception. */
export function runProgram(path: string, args: string[], { environment = process.env, input = '' }: RunSettings = {}): Promise<ProgramRun> {
  const options = { cwd: root, env: environment, timeout: 90_000, maxBuffer: 32 * 1024 * 1024 };
  return new Promise((resolve) => {
    const child = execFile(path, args, options, (error, stdout, stderr) => {
      const code: unknown = error?.code;
      resolve({ status: error ? (typeof code === 'number' ? code : 1) : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => {}).end(input);
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
