import { setTimeout as delay } from 'node:timers/promises';
import { type JobView, terminalStatuses } from '#contracts/job';
import type { Client } from './client.ts';
import { pad, paint, shorten, type Terminal, toBar, toDuration } from './terminal.ts';

export interface ProgressOptions {
  client: Client;
  terminal: Terminal;
  write: (text: string) => void;
  signal: AbortSignal;
}

const pollMs = 400;
/** A connection that broke is taken up again this often, then the polling alone has to do. */
const reconnects = 5;

/** Shows a job from now to its end and returns it ended: its events wake the line, its own numbers fill it. */
export async function followJob(id: string, { client, terminal, write, signal }: ProgressOptions): Promise<JobView> {
  const ended = new AbortController();
  const news = watchEvents({ id, client, signal: ended.signal });
  const startedMs = Date.now();
  const said = new Set<string>();
  try {
    for (;;) {
      const job = await client.job(id);
      const over = terminalStatuses.includes(job.status) || job.status === 'awaiting_review';
      if (terminal.live)
        write(`\r\u001b[2K${toProgressLine(job, { terminal, elapsedS: (Date.now() - startedMs) / 1_000 })}${over ? '\n' : ''}`);
      else for (const line of toNewLines(job, said)) write(`${line}\n`);
      if (over) return job;
      await Promise.race([news.next(), delay(pollMs, undefined, { signal })]);
    }
  } finally {
    ended.abort();
  }
}

/** Pure: `██████▌          41 %  render-chunk   12.3 s`, never wider than the terminal. */
export function toProgressLine(job: JobView, { terminal, elapsedS }: { terminal: Terminal; elapsedS: number }): string {
  const barColumns = Math.max(10, Math.min(40, terminal.columns - 50));
  const bar = paint(terminal, job.status === 'failed' ? 'red' : 'cyan', pad(toBar(job.progress / 100, barColumns), barColumns));
  const running = job.stages.filter(({ status }) => status === 'running').map(({ name }) => name);
  const what = running.length > 0 ? running.join(', ') : job.status;
  const room = terminal.columns - barColumns - 22;
  return `  ${bar}  ${pad(`${job.progress} %`, 5, 'left')}  ${toDuration(elapsedS)}  ${shorten(what, Math.max(8, room))}`;
}

/** Pure but for `said`: one line for each stage that was not done the last time. */
export function toNewLines(job: JobView, said: Set<string>): string[] {
  const fresh = job.stages.filter(({ name, status }) => status === 'done' && !said.has(name));
  for (const { name } of fresh) said.add(name);
  return fresh.map(({ name, cached, duration_ms }) => {
    const took = cached ? 'known' : toDuration((duration_ms ?? 0) / 1_000);
    return `  ${pad(`${job.progress} %`, 5, 'left')}  ${pad(name, 15)} ${took}`;
  });
}

/** `next` resolves when something happened to the job since it was last called. */
function watchEvents({ id, client, signal }: { id: string; client: Client; signal: AbortSignal }): { next: () => Promise<void> } {
  let wake = () => {};
  let pending = false;
  const read = async () => {
    for (let attempt = 0; attempt < reconnects && !signal.aborted; attempt++) {
      try {
        for await (const _event of client.follow(id, signal)) {
          pending = true;
          wake();
        }
      } catch {
        // The loop above asks for the job itself: a lost stream only makes the line less lively.
      }
      await delay(1_000, undefined, { signal }).catch(() => {});
    }
  };
  void read();
  return {
    next: async () => {
      if (!pending) await new Promise<void>((resolve) => (wake = resolve));
      pending = false;
    },
  };
}
