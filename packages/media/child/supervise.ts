import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { MediaLimits } from '../command.ts';
import { createProgressParser, type Progress } from './progress.ts';
import { createTail } from './tail.ts';
import { readProcessUsage } from './usage.ts';

export type StopReason = 'abort' | 'wall' | 'stall' | 'partner';

export interface Supervision {
  limits: Pick<MediaLimits, 'wallS' | 'stallS'>;
  signal: AbortSignal;
  /** Rejects when whoever takes the child's stdout, or gives it its stdin, failed. */
  partner?: Promise<never>;
  onProgress?: ((progress: Progress) => void) | undefined;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  stopped: StopReason | null;
  stderr: string;
  outTimeS: number;
  wallS: number;
  cpuS: number;
  peakMemoryBytes: number;
}

const sampleMs = 250;
const graceMs = 1000;

/** Watches a child until it has exited and its pipes are closed; stops its whole group when a limit or the signal says so. */
export async function superviseProcess(child: ChildProcess, supervision: Supervision): Promise<ProcessEnd> {
  const startedMs = performance.now();
  const { limits, signal } = supervision;
  const tail = createTail(64 * 1024);
  const parser = createProgressParser();
  let usage = { cpuS: 0, peakMemoryBytes: 0, readBytes: 0 };
  let outTimeS = 0;
  let stopped: StopReason | null = null;
  let lastLifeMs = startedMs;
  let killTimer: NodeJS.Timeout | undefined;

  const stop = (reason: StopReason) => {
    if (stopped !== null) return;
    stopped = reason;
    killGroup(child, 'SIGTERM');
    killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs);
  };
  const sample = () => {
    const now = child.pid === undefined ? null : readProcessUsage(child.pid);
    if (now === null) return;
    if (now.readBytes !== usage.readBytes) lastLifeMs = performance.now();
    usage = { ...now, peakMemoryBytes: Math.max(now.peakMemoryBytes, usage.peakMemoryBytes) };
  };
  const onAbort = () => stop('abort');
  const tick = () => {
    sample();
    const nowMs = performance.now();
    if (nowMs - startedMs > limits.wallS * 1000) stop('wall');
    else if (nowMs - lastLifeMs > limits.stallS * 1000) stop('stall');
  };
  const onLine = (line: string) => {
    const { isProgress, report } = parser.feed(line);
    if (!isProgress) tail.add(`${line}\n`);
    if (report === undefined) return;
    sample();
    if (report.outTimeS !== outTimeS) lastLifeMs = performance.now();
    outTimeS = report.outTimeS;
    supervision.onProgress?.({ frame: report.frame, outTimeS });
  };

  const lines = createInterface({ input: child.stderr!, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', onLine);
  const linesClosed = new Promise<void>((resolve) => lines.once('close', resolve));
  const timer = setInterval(tick, sampleMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  supervision.partner?.catch(() => stop('partner'));
  try {
    const [code, exitSignal] = await waitForClose(child);
    await linesClosed;
    const wallS = (performance.now() - startedMs) / 1000;
    return {
      code,
      signal: exitSignal,
      stopped,
      stderr: tail.text(),
      outTimeS,
      wallS,
      cpuS: usage.cpuS,
      peakMemoryBytes: usage.peakMemoryBytes,
    };
  } finally {
    clearInterval(timer);
    clearTimeout(killTimer);
    signal.removeEventListener('abort', onAbort);
  }
}

function waitForClose(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve([code, signal]));
  });
}

/** The group when the child leads one, else the child alone; a group that is gone is fine. */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}
