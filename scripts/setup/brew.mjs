import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { findProgram, lastLine, runProgram } from './process.mjs';

export function hasBrew() {
  return findProgram('brew') !== undefined;
}

/** Homebrew changes the whole machine, so a person is asked first; without a terminal only `--yes` lets it happen. Returns its folders. */
export async function brewInstall(formula, { assumeYes, say }) {
  if (!assumeYes && !(await isWelcome(formula))) throw new Error(`brew install ${formula} was not wanted`);
  say('brew', `installing ${formula} …`);
  const { status, stderr: text } = await runProgram('brew', ['install', formula], { timeoutMs: 900_000 });
  if (status !== 0) throw new Error(lastLine(text));
  return ['/opt/homebrew/bin', '/usr/local/bin'];
}

async function isWelcome(formula) {
  if (!stdin.isTTY) return false;
  const terminal = createInterface({ input: stdin, output: stderr });
  const answer = await terminal.question(`Install ${formula} with Homebrew? [y/N] `);
  terminal.close();
  return /^y/i.test(answer);
}
