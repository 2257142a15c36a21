import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Processes that were started with this TMPDIR or work in a folder below it, as `pid command line`. Both signs are looked at,
 * because media tools run with an empty environment and services in the project's folder. Linux only; elsewhere nothing is seen.
 */
export function processesOf(scratchDir: string): string[] {
  return processIds()
    .filter((pid) => pid !== String(process.pid) && belongsTo(pid, scratchDir))
    .map((pid) => `${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 200)}`);
}

/** Waits until they are gone, for processes that were just told to end; returns those that stayed longer than `graceMs`. */
export async function waitUntilGone(scratchDir: string, graceMs: number): Promise<string[]> {
  const deadline = Date.now() + graceMs;
  let left = processesOf(scratchDir);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(50); // the end of somebody else's child raises no event here
    left = processesOf(scratchDir);
  }
  return left;
}

function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function belongsTo(pid: string, dir: string): boolean {
  const cwd = link(`/proc/${pid}/cwd`);
  return cwd === dir || cwd.startsWith(`${dir}/`) || read(`/proc/${pid}/environ`).split('\0').includes(`TMPDIR=${dir}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
