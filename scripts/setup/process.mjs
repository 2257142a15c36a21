import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { env } from 'node:process';

/** Runs a program to its end; never throws for a failing one. `status` is null when it could not start or ran too long. */
export function runProgram(command, args, { environment = env, timeoutMs = 20_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => (output[name] += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const end = (status, message = '') => {
      clearTimeout(timer);
      resolve({ status, stdout: output.stdout, stderr: output.stderr + message });
    };
    child.once('error', (error) => end(null, error.message));
    child.once('close', (status) => end(status));
  });
}

/** Absolute path of a program, looked for in PATH and then in `extra` folders. */
export function findProgram(name, extra = []) {
  const folders = [...(env.PATH ?? '').split(delimiter).filter(Boolean), ...extra];
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export function lastLine(text) {
  return text.trim().split('\n').at(-1) ?? '';
}
