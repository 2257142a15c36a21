import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import { type JobStatus, type JobView, jobStatuses, terminalStatuses } from '#contracts/job';
import { jobRequestSchema } from '#contracts/request';
import type { ApiContext } from './context.ts';
import { decode, encode, places } from './places.ts';
import { type Pointed, toPointers } from './pointers.ts';
import { prepareJob } from './prepare-job.ts';

export interface BatchMember {
  index: number;
  /** Null when the member was refused. */
  job_id: string | null;
  error: { code: string; detail: string; errors: Pointed[] } | null;
}

export interface BatchRecord {
  v: 1;
  id: string;
  created_at: string;
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

/** So many members are accepted at once: enough to share the disk's flushes, few enough to let others in. */
const width = 16;

/** Accepts what can be accepted. Job ids are decided before any is made, so that a repeat makes none twice. */
export async function createBatch(context: ApiContext, wish: { id: string; tenant: string; jobs: readonly unknown[] }): Promise<BatchView> {
  const { id, tenant, jobs } = wish;
  const at = places.batch(tenant, id);
  const draft: BatchRecord = {
    v: 1,
    id,
    created_at: new Date().toISOString(),
    members: jobs.map((_, index) => ({ index, job_id: createId('job'), error: null })),
  };
  const record = (await context.storage.create(at, encode(draft))) ? draft : (decode<BatchRecord>(await context.storage.get(at)) ?? draft);
  const members: BatchMember[] = [];
  for (let start = 0; start < jobs.length; start += width) {
    const some = record.members.slice(start, start + width);
    members.push(...(await Promise.all(some.map((member) => accept(context, { tenant, batchId: id, member, body: jobs[member.index] })))));
  }
  const settled = { ...record, members };
  await context.storage.put(at, encode(settled));
  return viewBatch(context, tenant, settled);
}

export async function findBatch({ storage }: ApiContext, tenant: string, id: string): Promise<BatchRecord | null> {
  return decode<BatchRecord>(await storage.get(places.batch(tenant, id)));
}

/** Counts by status from the index of jobs. */
export async function viewBatch({ engine }: ApiContext, tenant: string, { id, created_at, members }: BatchRecord): Promise<BatchView> {
  const jobs: JobView[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await engine.jobs.list(tenant, { batch_id: id }, { limit: 100, cursor });
    jobs.push(...page.data);
    cursor = page.next_cursor;
  }
  const accepted = members.filter(({ job_id }) => job_id !== null).length;
  const counts = Object.fromEntries(jobStatuses.map((status) => [status, jobs.filter((job) => job.status === status).length]));
  const done = (job: JobView) => (terminalStatuses.includes(job.status) ? 100 : job.progress);
  return {
    id,
    created_at,
    total: members.length,
    refused: members.length - accepted,
    counts: counts as BatchView['counts'],
    progress: accepted === 0 ? 100 : Math.floor(jobs.reduce((sum, job) => sum + done(job), 0) / accepted),
    finished: jobs.length === accepted && jobs.every(({ status }) => terminalStatuses.includes(status)),
    members,
  };
}

interface Member {
  tenant: string;
  batchId: string;
  member: BatchMember;
  body: unknown;
}

/** A member that is refused stops nothing else; a fault of ours stops the whole, and repeating it is safe. */
async function accept(context: ApiContext, { tenant, batchId, member, body }: Member): Promise<BatchMember> {
  const { index, job_id } = member;
  const parsed = jobRequestSchema.safeParse(body);
  if (!parsed.success) {
    const errors = toPointers(parsed.error.issues, ['jobs', index]).slice(0, 50);
    return { index, job_id: null, error: { code: 'REQUEST_INVALID', detail: `Member ${index} is not valid.`, errors } };
  }
  try {
    const { job } = await prepareJob(context, { tenant, request: parsed.data, batchId });
    await context.engine.jobs.create({ ...job, ...(job_id && { id: job_id }) });
    return member;
  } catch (error) {
    if (!(error instanceof CutroomError) || error.row.disposition !== 'fail') throw error;
    const errors = (error.details.errors ?? []).map(({ pointer, detail }) => ({ pointer: `/jobs/${index}${pointer}`, detail }));
    return { index, job_id: null, error: { code: error.code, detail: error.message, errors } };
  }
}
