import { EventEmitter, once } from 'node:events';
import type { OutputFile } from '#contracts/artifacts';
import { createId } from '#contracts/ids';
import { type JobEvent, type JobView, terminalStatuses } from '#contracts/job';
import { pipeline } from '#contracts/pipeline';
import type { EditPlan } from '#contracts/plan';
import { createBatches } from '#engine/batches';
import { createContexts } from '#engine/context';
import type { Engine, NewJob, PageRequest } from '#engine/engine';
import { toFirstRun } from '#engine/records';
import type { AssetRecord, Manifest, Page } from '#engine/types';
import { toJobView } from '#engine/view';
import { createMemoryStorage } from '#storage/memory';

interface FakeJob {
  manifest: Manifest;
  view: JobView;
  events: JobEvent[];
  outputs: OutputFile[];
  plan: { plan: EditPlan; etag: string } | null;
}

export interface FakeEngine extends Engine {
  /** What a worker would have done: changes the view, tells it as an event. */
  advance(id: string, change: Partial<JobView>, event: string): void;
  give(id: string, outputs: OutputFile[]): void;
  plan(id: string, plan: EditPlan): void;
  jobCount(): number;
  manifest(id: string): Manifest;
}

/** The engine's promises to the API without Redis and workers: tests say themselves what becomes of a job. */
export function createFakeEngine(): FakeEngine {
  const jobs = new Map<string, FakeJob>();
  const assets = new Map<string, AssetRecord>();
  const grown = new EventEmitter().setMaxListeners(0);

  const find = (tenant: string, id: string) => {
    const job = jobs.get(id);
    return job?.manifest.tenant === tenant ? job : null;
  };
  const tell = (id: string, type: string) => {
    const job = jobs.get(id)!;
    job.events.push({ id: `${job.events.length + 1}-0`, type, timestamp: new Date().toISOString(), data: { job_id: id } });
    grown.emit(id);
  };
  const set = (id: string, change: Partial<JobView>, event: string) => {
    const job = jobs.get(id)!;
    job.view = { ...job.view, ...change };
    tell(id, event);
  };
  const ended = (job: FakeJob) => terminalStatuses.includes(job.view.status);

  return {
    history: { ended: async () => [] },
    batches: createBatches({
      storage: createMemoryStorage(),
      standing: async (tenant, id) => find(tenant, id)?.view ?? null,
      file: async () => undefined,
    }),
    jobs: {
      async create(job) {
        const manifest: Manifest = { v: 1, created_at: new Date().toISOString(), ...job, id: job.id ?? createId('job') };
        const known = jobs.get(manifest.id);
        if (known) return known.view;
        const view = toQueuedView(manifest);
        jobs.set(manifest.id, { manifest, view, events: [], outputs: [], plan: null });
        tell(manifest.id, 'job.created');
        return view;
      },
      view: async (tenant, id) => find(tenant, id)?.view ?? null,
      async list(tenant, filter, request) {
        const mine = [...jobs.values()].filter(({ manifest }) => manifest.tenant === tenant).map(({ view }) => view);
        const fits = (view: JobView) =>
          (filter.status === undefined || view.status === filter.status) &&
          (filter.external_id === undefined || view.external_id === filter.external_id) &&
          (filter.batch_id === undefined || view.batch_id === filter.batch_id);
        return toPage(mine.filter(fits), request);
      },
      async cancel(tenant, id) {
        const job = find(tenant, id);
        if (!job) return null;
        if (ended(job)) return 'finished';
        set(id, { status: 'cancelled' }, 'job.cancelled');
        return 'cancelled';
      },
      async retry(tenant, id, fresh) {
        const job = find(tenant, id);
        if (!job) return null;
        if (!ended(job) || (job.view.status === 'completed' && fresh.length === 0)) return 'not_retryable';
        set(id, { status: 'queued' }, 'job.retry');
        return 'retried';
      },
      async approve(tenant, id) {
        const job = find(tenant, id);
        if (!job) return null;
        if (job.view.status !== 'awaiting_review') return 'not_waiting';
        set(id, { status: 'processing' }, 'job.approved');
        return 'approved';
      },
      async plan(tenant, id) {
        const job = find(tenant, id);
        return job && (job.plan ?? 'not_ready');
      },
      async revise(tenant, id, plan, ifMatch) {
        const job = find(tenant, id);
        if (!job) return null;
        if (!job.plan) return 'not_ready';
        if (job.plan.etag !== ifMatch) return 'conflict';
        job.plan = { plan: { ...plan, revision: plan.revision + 1 }, etag: `${ifMatch}-next` };
        set(id, { status: 'queued', revision: job.view.revision + 1 }, 'job.revision');
        return 'revised';
      },
      outputs: async (tenant, id) => find(tenant, id)?.outputs ?? null,
      async report(tenant, id) {
        const job = find(tenant, id);
        return (
          job &&
          (job.view.status === 'completed' ? { stages: [], content_type: { value: 'educational', evidence: 'requested' } } : 'not_ready')
        );
      },
      logs: async (tenant, id) => (find(tenant, id) ? [{ stage: 'ingest' }] : null),
    },
    events: {
      async list(tenant, id, after) {
        const job = find(tenant, id);
        return job ? job.events.filter((event) => after === null || event.id > after) : null;
      },
      async *follow(tenant, id, after, signal) {
        for (let last = after; !signal.aborted; ) {
          for (const event of find(tenant, id)!.events.filter(({ id: at }) => last === null || at > last)) {
            yield event;
            last = event.id;
            if (['job.completed', 'job.failed', 'job.cancelled'].includes(event.type)) return;
          }
          await once(grown, id, { signal }).catch(() => undefined);
        }
      },
    },
    assets: {
      create: async (asset) => void assets.set(asset.id, asset),
      get: async (tenant, id) => (assets.get(id)?.tenant === tenant ? assets.get(id)! : null),
      list: async (tenant, request) =>
        toPage(
          [...assets.values()].filter((asset) => asset.tenant === tenant),
          request,
        ),
      usedBytes: async (tenant) => [...assets.values()].reduce((sum, asset) => sum + (asset.tenant === tenant ? asset.bytes : 0), 0),
      async remove(tenant, id) {
        if (assets.get(id)?.tenant !== tenant) return null;
        if ([...jobs.values()].some((job) => job.manifest.asset_id === id && !ended(job))) return 'in_use';
        assets.delete(id);
        return 'removed';
      },
    },
    advance: set,
    give: (id, outputs) => void Object.assign(jobs.get(id)!, { outputs }),
    plan: (id, plan) => void Object.assign(jobs.get(id)!, { plan: { plan, etag: 'first' } }),
    jobCount: () => jobs.size,
    manifest: (id) => jobs.get(id)!.manifest,
  };
}

function toQueuedView(manifest: NewJob & Manifest): JobView {
  const context = createContexts(pipeline, {} as never, {} as never).of(manifest, toFirstRun(manifest));
  return toJobView({ context, state: null, nodes: new Map(), done: new Map(), outcome: null, outputs: [], retentionDays: 30 });
}

function toPage<T extends { id: string }>(items: T[], { limit, cursor }: PageRequest): Page<T> {
  const newestFirst = items.toSorted((a, b) => (a.id < b.id ? 1 : -1)).filter(({ id }) => cursor === undefined || id < cursor);
  const data = newestFirst.slice(0, limit);
  const has_more = newestFirst.length > limit;
  return { data, has_more, next_cursor: has_more ? data.at(-1)!.id : null };
}
