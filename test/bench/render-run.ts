import type { JobView } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import type { JobRequest } from '#contracts/request';
import { type Client, createClient, type Report } from '../helpers/client.ts';
import { type Service, startService } from '../helpers/service.ts';
import { watchMemory } from './memory.ts';
import { type PlainRun, runPlain } from './plain.ts';
import type { Footage } from './sources.ts';

/** A service that benchmarks drive, and where they keep their files. */
export interface Ground {
  client: Client;
  service: Service;
  folder: string;
  /** Issue-sized lengths instead of quick ones. */
  full: boolean;
}

/** A job that has ended, with what it took. */
export interface Ran {
  job: JobView;
  plan: EditPlan;
  report: Report;
  /** From the request to the end, on the caller's clock. */
  wallS: number;
  /** From the first piece begun to the finished video. */
  renderS: number;
  /** Of API, worker, Redis and all their children at one moment. */
  peakMb: number;
}

/** Nothing but the video and its sound: what a plain command makes too. */
export const onlyVideo = { preview: false, thumbnails: false, metadata: false, captions: false, interchange: false } as const;

export async function openGround({ folder, full, workers = 1 }: { folder: string; full: boolean; workers?: number }): Promise<Ground> {
  const service = await startService({ separateWorkers: workers, env: { CUTROOM_LOG_LEVEL: 'warn' } });
  return { client: createClient(service.url), service, folder, full };
}

/** Uploads the footage, lets the request run, and tells how it went. Throws when the job did not complete. */
export async function runJob(ground: Ground, footage: Footage, request: Omit<JobRequest, 'input'>): Promise<Ran> {
  const asset = await ground.client.upload(footage.path);
  return watch(ground, async () => {
    const { id } = await ground.client.create({ ...request, input: { asset_id: asset.id } });
    return ground.client.ended(id);
  });
}

export const reviseJob = (ground: Ground, id: string, plan: EditPlan): Promise<Ran> => watch(ground, () => ground.client.revise(id, plan));

/** The same cuts by one plain command with the job's own encoder settings. */
export function runPlainOf(ground: Ground, footage: Footage, { plan, report, job }: Ran): Promise<PlainRun> {
  const height = job.outputs.find(({ name }) => name === 'video.mp4')?.media?.height;
  return runPlain({
    source: footage.path,
    keep: plan.keep,
    fps: plan.source.fps,
    encoder: report.render.encoder,
    folder: ground.folder,
    ...(height !== undefined && height < plan.source.height && { height }),
  });
}

async function watch({ client, service }: Ground, run: () => Promise<JobView>): Promise<Ran> {
  const memory = watchMemory([service.apiPid, ...service.workerPids, service.redis.pid]);
  const startedMs = performance.now();
  const job = await run();
  const wallS = (performance.now() - startedMs) / 1000;
  const peakMb = memory.stop();
  if (job.status !== 'completed') throw new Error(`the job ended ${job.status}: ${JSON.stringify(job.error)}`);
  const [plan, report] = await Promise.all([client.plan(job.id), client.report(job.id)]);
  return { job, plan, report, wallS, renderS: spanOf(job, ['render-chunk', 'assemble']), peakMb };
}

/** Seconds from the first of these stages' start to the last one's end. */
export function spanOf(job: JobView, names: readonly string[]): number {
  const mine = job.stages.filter(({ name }) => names.includes(name));
  const starts = mine.flatMap(({ started_at }) => (started_at ? [Date.parse(started_at)] : []));
  const ends = mine.flatMap(({ finished_at }) => (finished_at ? [Date.parse(finished_at)] : []));
  return (Math.max(...ends) - Math.min(...starts)) / 1000;
}
