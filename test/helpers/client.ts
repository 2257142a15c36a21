import { openAsBlob } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type AssetView, type JobView, terminalStatuses } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import type { JobRequest } from '#contracts/request';
import type { Research } from '#contracts/research';

export interface Client {
  upload(path: string): Promise<AssetView>;
  create(request: Record<string, unknown> | JobRequest): Promise<JobView>;
  job(id: string): Promise<JobView>;
  /** Follows the events until the job has ended. */
  ended(id: string): Promise<JobView>;
  /** Uploads, creates, waits. */
  edit(path: string, request?: Omit<JobRequest, 'input'>): Promise<JobView>;
  plan(id: string): Promise<EditPlan>;
  /** Sends a plan against the one that is current and waits for the end of the run that it starts. */
  revise(id: string, plan: EditPlan): Promise<JobView>;
  report(id: string): Promise<Report>;
  /** Writes an output of the job to a local file. */
  save(id: string, name: string, path: string): Promise<void>;
  post(path: string, body?: unknown): Promise<Response>;
}

/** The parts of the report that tests read. */
export interface Report {
  render: {
    encoder: { name: string; preset: string; crf: number; threads: number; hardware: boolean };
    frames: number;
    chunks: number;
    chunks_reused: number;
    copied_frames: number;
    fallbacks: { chunk: number; reason: string }[];
  };
  quality: {
    drift_ms: { max: number; end: number };
    loudness: { before_lufs: number | null; after_lufs: number | null; true_peak_dbtp: number | null };
    silence: { removed_s: number };
  };
  stages: { name: string; wall_s: number; cpu_s: number; cached: boolean }[];
  research?: Research;
}

/** What a caller of the service does, over plain HTTP. Anything but success throws with the problem in it. */
export function createClient(url: string): Client {
  async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(`${url}${path}`, init);
    // On a machine whose cores others use, this process may be the one that sends its head too late; asking again harms nothing.
    if (answer.status === 408 && init.method === undefined) return ask(path, init);
    if (!answer.ok) throw new Error(`${init.method ?? 'GET'} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
  const post = (path: string, body?: unknown) =>
    fetch(`${url}${path}`, {
      method: 'POST',
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
  const json = { 'content-type': 'application/json' };
  const job = (id: string) => ask<JobView>(`/v1/jobs/${id}`);
  const create = (request: object) => ask<JobView>('/v1/jobs', { method: 'POST', headers: json, body: JSON.stringify(request) });

  async function upload(path: string): Promise<AssetView> {
    const form = new FormData();
    form.set('file', await openAsBlob(path), basename(path));
    return ask<AssetView>('/v1/assets', { method: 'POST', body: form });
  }

  async function ended(id: string): Promise<JobView> {
    const events = await fetch(`${url}/v1/jobs/${id}/events`, { headers: { accept: 'text/event-stream' } });
    await events.text();
    return job(id);
  }

  async function revise(id: string, plan: EditPlan): Promise<JobView> {
    const current = await fetch(`${url}/v1/jobs/${id}/plan`);
    const headers = { ...json, 'if-match': current.headers.get('etag') ?? '' };
    const queued = await ask<JobView>(`/v1/jobs/${id}/plan`, { method: 'PUT', headers, body: JSON.stringify(plan) });
    for (;;) {
      const view = await ended(id);
      if (view.revision === queued.revision && terminalStatuses.includes(view.status)) return view;
      await delay(100); // the end of the run before may still be what the stream tells of
    }
  }

  return {
    upload,
    create,
    job,
    ended,
    post,
    edit: async (path, request = {}) => ended((await create({ ...request, input: { asset_id: (await upload(path)).id } })).id),
    revise,
    plan: (id) => ask<EditPlan>(`/v1/jobs/${id}/plan`),
    report: (id) => ask<Report>(`/v1/jobs/${id}/report`),
    async save(id, name, path) {
      const answer = await fetch(`${url}/v1/jobs/${id}/outputs/${name}`);
      if (!answer.ok) throw new Error(`${name} answered ${answer.status}`);
      await writeFile(path, Buffer.from(await answer.arrayBuffer()));
    },
  };
}
