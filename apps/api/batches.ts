import { CutroomError } from '#contracts/errors';
import { createId } from '#contracts/ids';
import { jobRequestSchema } from '#contracts/request';
import type { BatchMember, BatchRecord, BatchView } from '#engine/batches';
import type { ApiContext } from './context.ts';
import { toPointers } from './pointers.ts';
import { prepareJob } from './prepare-job.ts';

/** So many members are accepted at once: enough to share the disk's flushes, few enough to let others in. */
const width = 16;

/** Accepts what can be accepted. Job ids are decided before any is made, so that a repeat makes none twice. */
export async function createBatch(context: ApiContext, wish: { id: string; tenant: string; jobs: readonly unknown[] }): Promise<BatchView> {
  const { id, tenant, jobs } = wish;
  const { batches } = context.engine;
  const draft: BatchRecord = {
    v: 1,
    id,
    created_at: new Date().toISOString(),
    settled: false,
    members: jobs.map((_, index) => ({ index, job_id: createId('job'), error: null })),
  };
  const record = await batches.open(tenant, draft);
  if (record.settled) return batches.view(tenant, record);
  const members: BatchMember[] = [];
  for (let start = 0; start < jobs.length; start += width) {
    const some = record.members.slice(start, start + width);
    members.push(...(await Promise.all(some.map((member) => accept(context, { tenant, batchId: id, member, body: jobs[member.index] })))));
  }
  return batches.view(tenant, await batches.settle(tenant, { ...record, members }));
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
