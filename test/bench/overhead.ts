import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobView } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import { type Service, startService } from '../helpers/service.ts';
import { readTools, root } from '../helpers/tools.ts';
import type { BenchResult } from './judge.ts';
import { watchMemory } from './memory.ts';
import { type PlainEncoder, runPlain } from './plain.ts';

const talk = join(root, '../shared/media/talk/retalking_ablation_1080p_31s.mp4');
const targetS = 120;

/** A two-minute 1080p edit through API, queue and every default stage, against one plain ffmpeg command that makes the same cuts. */
export async function benchOverhead(): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'cutroom-bench-'));
  const source = join(folder, 'talk.mp4');
  makeSource(source);
  const service = await startService({ separateWorkers: 1, env: { CUTROOM_LOG_LEVEL: 'warn' } });
  try {
    const asset = await upload(service, source);
    const memory = watchMemory([service.apiPid, ...service.workerPids, service.redis.pid]);
    const startedMs = performance.now();
    const job = await edit(service, asset);
    const jobS = (performance.now() - startedMs) / 1000;
    const peakMb = memory.stop();
    const plan = (await (await fetch(`${service.url}/v1/jobs/${job.id}/plan`)).json()) as EditPlan;
    const { render, stages } = (await (await fetch(`${service.url}/v1/jobs/${job.id}/report`)).json()) as {
      stages: { name: string; cpu_s: number }[];
      render: { encoder: PlainEncoder; frames: number };
    };
    const plainRun = await runPlain({ source, keep: plan.keep, fps: plan.source.fps, encoder: render.encoder, folder });
    return {
      figures: { overhead_ratio: { value: jobS / plainRun.wallS, atMost: 1.25, unit: '× plain ffmpeg' } },
      facts: {
        source: existsSync(talk) ? 'talk/retalking_ablation_1080p_31s.mp4, looped' : 'made by lavfi',
        'source length (s)': plan.source.duration_s,
        'frames kept': `${render.frames} of ${plan.source.frames}`,
        'job (s)': jobS.toFixed(2),
        'plain ffmpeg (s)': plainRun.wallS.toFixed(2),
        'CPU of the job (s)': job.usage.cpu_s.toFixed(1),
        'CPU of plain ffmpeg (s)': plainRun.cpuS.toFixed(1),
        'peak memory of all processes (MB)': Math.round(peakMb),
        'CPU by stage (s)': cpuByStage(stages),
        'stages (ms)': job.stages.map(({ name, duration_ms }) => `${name} ${duration_ms}`).join(', '),
      },
    };
  } finally {
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cpuByStage(nodes: { name: string; cpu_s: number }[]): string {
  const sums = new Map<string, number>();
  for (const { name, cpu_s } of nodes) sums.set(name.split('.')[0] as string, (sums.get(name.split('.')[0] as string) ?? 0) + cpu_s);
  return [...sums].map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`).join(', ');
}

function makeSource(path: string): void {
  const { ffmpeg } = readTools();
  const run = (args: string[]) => execFileSync(ffmpeg.path, ['-v', 'error', ...args]);
  if (existsSync(talk)) return void run(['-stream_loop', '-1', '-i', talk, '-t', String(targetS), '-c', 'copy', path]);
  const picture = ['-f', 'lavfi', '-i', `testsrc2=s=1920x1080:r=30:d=${targetS}`];
  const speech = ['-f', 'lavfi', '-i', `sine=f=300:d=${targetS},volume='if(lt(mod(t,5),3.5),0.3,0)':eval=frame`];
  run([...picture, ...speech, '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '18', '-c:a', 'aac', path]);
}

async function upload(service: Service, path: string): Promise<string> {
  const form = new FormData();
  form.set('file', await openAsBlob(path), 'talk.mp4');
  const answer = await fetch(`${service.url}/v1/assets`, { method: 'POST', body: form });
  return ((await answer.json()) as { id: string }).id;
}

async function edit(service: Service, asset: string): Promise<JobView> {
  const headers = { 'content-type': 'application/json' };
  const created = await fetch(`${service.url}/v1/jobs`, { method: 'POST', headers, body: JSON.stringify({ input: { asset_id: asset } }) });
  const { id } = (await created.json()) as JobView;
  const events = await fetch(`${service.url}/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } });
  await events.text(); // ends with the job
  const job = (await (await fetch(`${service.url}/v1/jobs/${id}`)).json()) as JobView;
  if (job.status !== 'completed') throw new Error(`the job ended ${job.status}: ${JSON.stringify(job.error)}`);
  return job;
}
