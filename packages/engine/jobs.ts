import { digestOf } from '#contracts/digest';
import { createId } from '#contracts/ids';
import type { EditPlan } from '#contracts/plan';
import { atMost } from '#runtime/at-most';
import type { Artifacts } from './commit.ts';
import type { Conclude } from './conclude.ts';
import type { Contexts, RunContext } from './context.ts';
import type { Engine, NewJob } from './engine.ts';
import type { Announce, Flow } from './flow.ts';
import type { IndexStore } from './index-store.ts';
import type { Look } from './look.ts';
import type { Opener } from './opening.ts';
import { type Records, toDeadline, toFirstRun } from './records.ts';
import type { RunState } from './state.ts';
import type { Manifest, NodeStats, Run } from './types.ts';
import { toJobView } from './view.ts';

export interface JobsParts {
  announce: Announce;
  artifacts: Artifacts;
  conclude: Conclude;
  contexts: Contexts;
  flow: Flow;
  index: IndexStore;
  look: Look;
  open: Opener;
  records: Records;
  state: RunState;
  retentionDays: number;
}

/** So long a new job's caller waits for Redis: his answer shall come within a second. */
const startWithinMs = 400;

/** What a job's owner can do with it. */
export function createJobs(parts: JobsParts): Engine['jobs'] {
  const { announce, artifacts, conclude, contexts, flow, index, look, open, records, state, retentionDays } = parts;

  async function start(manifest: Manifest, run: Run): Promise<RunContext> {
    const context = contexts.of(manifest, run);
    look.opened(context);
    const data = { job_id: manifest.id, run: run.number, revision: run.revision };
    const turn = await open({ manifest, run, event: { type: `job.${run.reason}`, data } });
    await Promise.all([flow.begin(context, turn), run.number === 1 && announce(context, 'job.created', '1')]);
    return context;
  }

  /** Opens the next run of an ended job; null when somebody else did it first. */
  async function rerun(context: RunContext, change: Pick<Run, 'reason'> & Partial<Run>): Promise<RunContext | null> {
    const now = new Date().toISOString();
    const number = context.run.number + 1;
    const run: Run = { ...context.run, ...change, number, created_at: now, deadline_at: toDeadline(context.manifest, now), approved: true };
    return (await records.createRun(context.manifest, run)) ? start(context.manifest, run) : null;
  }

  async function planOf(context: RunContext): Promise<{ plan: EditPlan; etag: string } | 'not_ready'> {
    const stage = [...context.graph.values()].find(({ makes }) => makes === 'plan');
    const done = await look.doneOf(context);
    const entry = stage && done.get(stage.name);
    if (!stage || !entry) return 'not_ready';
    return { plan: (await contexts.artifactOf(context, stage, done)) as EditPlan, etag: entry.digest };
  }

  return {
    async create(job: NewJob) {
      const manifest: Manifest = { v: 1, created_at: new Date().toISOString(), ...job, id: job.id ?? createId('job') };
      await records.createJob(manifest);
      const run = toFirstRun(manifest);
      await atMost(startWithinMs, start(manifest, run)).catch(() => false); // it lies in storage: the reconciler starts what did not start here
      const context = contexts.of(manifest, run);
      return toJobView({ context, state: null, nodes: new Map(), done: new Map(), outcome: null, outputs: [], retentionDays });
    },

    async view(tenant, id) {
      const found = await look.find(tenant, id);
      return found && look.view(found);
    },

    async list(tenant, filter, page) {
      const ids = await index.jobs(tenant, filter, page);
      const views = await Promise.all(ids.data.map(async (id) => look.find(tenant, id).then((found) => found && look.view(found))));
      return { ...ids, data: views.filter((view) => view !== null) };
    },

    async cancel(tenant, id) {
      const found = await look.findLive(tenant, id);
      if (!found) return null;
      const outcome = await conclude.cancel(found.context);
      return outcome.status === 'cancelled' ? 'cancelled' : 'finished';
    },

    async retry(tenant, id, fresh) {
      const found = await look.findLive(tenant, id);
      if (!found) return null;
      const { context } = found;
      const outcome = await records.outcome(tenant, id, context.run.number);
      if (!outcome || (outcome.status === 'completed' && fresh.length === 0)) return 'not_retryable';
      const salts = { ...context.run.salts, ...Object.fromEntries(fresh.map((stage) => [stage, `${id}.${context.run.number + 1}`])) };
      await rerun(context, { reason: 'retry', salts });
      return 'retried';
    },

    async approve(tenant, id) {
      const found = await look.findLive(tenant, id);
      if (!found) return null;
      if (found.jobState?.status !== 'awaiting_review') return 'not_waiting';
      await records.approve(found.context.manifest, found.context.run.number);
      await state.approve(id);
      await state.transition({ ...found.context.ref, tenant }, 'processing', []);
      await flow.advance(found.context);
      return 'approved';
    },

    async plan(tenant, id) {
      const found = await look.find(tenant, id);
      return found && planOf(found.context);
    },

    async revise(tenant, id, plan, ifMatch) {
      const found = await look.findLive(tenant, id);
      if (!found) return null;
      const { context } = found;
      const before = await planOf(context);
      const waiting = found.jobState?.status === 'awaiting_review';
      if (before === 'not_ready' || !(waiting || (await records.outcome(tenant, id, context.run.number)))) return 'not_ready';
      if (before.etag !== ifMatch) return 'conflict';
      const revision = context.run.revision + 1;
      const given = isSameEdit(plan, before.plan) ? context.run.given : await filePlan(context, { ...plan, revision, by: 'person' });
      if (waiting) await conclude.supersede(context);
      return (await rerun(context, { reason: 'revision', revision, given })) ? 'revised' : 'conflict';
    },

    async outputs(tenant, id) {
      const found = await look.find(tenant, id);
      if (!found) return null;
      const outcome = await records.outcome(tenant, id, found.context.run.number);
      return outcome?.outputs.length ? outcome.outputs : look.outputsSoFar(found.context);
    },

    async report(tenant, id) {
      const found = await look.find(tenant, id);
      if (!found) return null;
      return (await records.outcome(tenant, id, found.context.run.number))?.report ?? 'not_ready';
    },

    async logs(tenant, id) {
      const found = await look.find(tenant, id);
      return found && state.logs(found.context.ref);
    },
  };

  /** An edited plan is an artifact like the director's, filed under what it says. */
  async function filePlan(context: RunContext, plan: EditPlan): Promise<Run['given']> {
    const stage = [...context.graph.values()].find(({ makes }) => makes === 'plan')?.name as string;
    const key = digestOf(['given', context.manifest.tenant, plan]);
    const { record } = await artifacts.commit({ tenant: context.manifest.tenant, stage, makes: 'plan', key }, plan, noStats);
    return { [stage]: { key, digest: record.digest } };
  }
}

/** Who wrote it and how often it was written are no part of the edit: a plan sent back as it was changes no key. */
function isSameEdit(one: EditPlan, other: EditPlan): boolean {
  const toDigest = (plan: EditPlan) => digestOf({ ...plan, revision: 1, by: '' });
  return toDigest(one) === toDigest(other);
}

const noStats: NodeStats = { wall_s: 0, cpu_s: 0, peak_memory_mb: 0, bytes_read: 0, bytes_written: 0, worker: 'person' };
