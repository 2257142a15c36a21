import { deriveId } from '#contracts/ids';
import { type JobStatus, jobStatuses, terminalStatuses } from '#contracts/job';
import type { Storage } from '#storage/storage';
import { layout } from './layout.ts';
import type { Announcement, Outbox } from './outbox.ts';

export interface BatchMember {
  index: number;
  /** Null when the member was refused. */
  job_id: string | null;
  error: { code: string; detail: string; errors: { pointer: string; detail: string }[] } | null;
}

export interface BatchRecord {
  v: 1;
  id: string;
  created_at: string;
  /** False while members are still being accepted: then nobody knows which of the ids will be jobs. */
  settled: boolean;
  members: BatchMember[];
}

export interface BatchView {
  id: string;
  created_at: string;
  total: number;
  refused: number;
  counts: Record<JobStatus, number>;
  progress: number;
  finished: boolean;
  members: BatchMember[];
}

/** How one member stands; null = there is no such job. */
export type Standing = (tenant: string, id: string) => Promise<{ status: JobStatus; progress: number } | null>;

export interface BatchesParts {
  storage: Storage;
  standing: Standing;
  file: Outbox['file'];
}

export type Batches = ReturnType<typeof createBatches>;

/** So many members are looked at together. */
const width = 32;
/** A batch that nobody settled was never answered: its maker died, and a repeat of the request opens it again. */
const abandonedMs = 24 * 3_600_000;

/** Jobs that were asked for together, and the one event that says that all of them have ended. */
export function createBatches({ storage, standing, file }: BatchesParts) {
  async function read<T>(key: string): Promise<T | null> {
    const bytes = await storage.get(key);
    return bytes && (JSON.parse(bytes.toString()) as T);
  }
  const get = (tenant: string, id: string) => read<BatchRecord>(layout.batch(tenant, id));

  async function view(tenant: string, { id, created_at, settled, members }: BatchRecord): Promise<BatchView> {
    const accepted = members.flatMap(({ job_id }) => job_id ?? []);
    const found: NonNullable<Awaited<ReturnType<Standing>>>[] = [];
    for (let start = 0; start < accepted.length; start += width) {
      const some = await Promise.all(accepted.slice(start, start + width).map((job) => standing(tenant, job)));
      found.push(...some.filter((job) => job !== null));
    }
    const ended = found.filter(({ status }) => terminalStatuses.includes(status));
    const done = found.reduce((sum, { status, progress }) => sum + (terminalStatuses.includes(status) ? 100 : progress), 0);
    const counts = Object.fromEntries(jobStatuses.map((status) => [status, found.filter((job) => job.status === status).length]));
    return {
      id,
      created_at,
      total: members.length,
      refused: members.length - accepted.length,
      counts: counts as BatchView['counts'],
      progress: accepted.length === 0 ? 100 : Math.floor(done / accepted.length),
      finished: settled && ended.length === accepted.length,
      members,
    };
  }

  /** Newest members first: while a batch runs, its last one is the likeliest to be open, and one open member is enough to know. */
  async function hasOpenMember(tenant: string, { members }: BatchRecord): Promise<boolean> {
    for (const { job_id } of members.toReversed()) if (job_id && (await storage.stat(layout.openJob(job_id, tenant)))) return true;
    return false;
  }

  /** Says that a batch has ended, if it has. May be repeated: what is said is written down once, before it is said. */
  async function conclude(tenant: string, id: string): Promise<void> {
    if (!(await storage.stat(layout.openBatch(id, tenant)))) return;
    const batch = await get(tenant, id);
    if (!batch || isAbandoned(batch)) return storage.delete(layout.openBatch(id, tenant));
    if (!batch.settled || (await hasOpenMember(tenant, batch))) return;
    const data = await view(tenant, batch);
    if (!data.finished) return;
    await file(tenant, null, await announcementOf(tenant, batch, data), null);
    await storage.delete(layout.openBatch(id, tenant));
  }

  async function announcementOf(tenant: string, { id, created_at }: BatchRecord, data: BatchView): Promise<Announcement> {
    const event_id = deriveId('evt', Date.parse(created_at), `${id} batch.completed`);
    const wanted: Announcement = { event_id, type: 'batch.completed', timestamp: new Date().toISOString(), data };
    const at = layout.batchEnd(tenant, id);
    if (await storage.create(at, Buffer.from(JSON.stringify(wanted)))) return wanted;
    return (await read<Announcement>(at)) ?? wanted;
  }

  return {
    get,
    view,
    conclude,

    /** Durable when it returns. Gives the record that stands under this id already, if there is one. */
    async open(tenant: string, draft: BatchRecord): Promise<BatchRecord> {
      await storage.create(layout.openBatch(draft.id, tenant), Buffer.alloc(0));
      if (await storage.create(layout.batch(tenant, draft.id), encode(draft))) return draft;
      return (await get(tenant, draft.id)) ?? draft;
    },

    /** All members are decided; they may have ended meanwhile. */
    async settle(tenant: string, batch: BatchRecord): Promise<BatchRecord> {
      const settled = { ...batch, settled: true };
      await storage.put(layout.batch(tenant, batch.id), encode(settled));
      await conclude(tenant, batch.id).catch(() => undefined); // the reconciler says it, if there is something to say
      return settled;
    },
  };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));

const isAbandoned = ({ settled, created_at }: BatchRecord): boolean => !settled && Date.now() - Date.parse(created_at) > abandonedMs;
