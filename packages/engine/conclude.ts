import type { OutputFile } from '#contracts/artifacts';
import { type CutroomError, errorTable } from '#contracts/errors';
import type { Warning } from '#contracts/footage';
import { createId } from '#contracts/ids';
import type { JobError } from '#contracts/job';
import type { Batches } from './batches.ts';
import type { Contexts, RunContext } from './context.ts';
import { toEnd } from './events.ts';
import type { Outbox } from './outbox.ts';
import type { Records } from './records.ts';
import { toStageViews, toUsage } from './stage-views.ts';
import { keyPrefix, type RunState } from './state.ts';
import type { Manifest, NodeRecord, Outcome } from './types.ts';

/** What the program adds to an outcome out of the artifacts, which the engine does not read. */
export interface Summary {
  outputs: OutputFile[];
  warnings: Warning[];
  degraded: boolean;
  report: Record<string, unknown> | null;
}
export type Summarize = (
  context: RunContext,
  nodes: ReadonlyMap<string, NodeRecord>,
  /** The artifact filed under a noun. */
  artifact: (noun: string) => Promise<unknown>,
) => Promise<Summary>;

export interface ConcludeParts {
  batches: Pick<Batches, 'conclude'>;
  onOutcome: (manifest: Manifest, outcome: Outcome) => void;
  outbox: Outbox;
  publish: (channel: string, message: string) => Promise<unknown>;
  records: Records;
  state: RunState;
  summarize: Summarize;
  contexts: Contexts;
}

/** Workers abort what they run of the run that is published here, as `<job>.<run>`: it was cancelled, is too late, or failed elsewhere. */
export const endChannel = `${keyPrefix}:ended`;

export type Conclude = ReturnType<typeof createConclude>;

/** The end of a run: one record, one event, one set of webhooks, whoever comes first and whoever dies in between. */
export function createConclude({ batches, onOutcome, outbox, publish, records, state, summarize, contexts }: ConcludeParts) {
  async function file(context: RunContext, end: Pick<Outcome, 'status' | 'error'>): Promise<Outcome> {
    const { outcome, won } = await records.conclude(context.manifest.tenant, await toOutcome(context, end));
    if (won) onOutcome(context.manifest, outcome);
    // Nobody waits for it: workers look by themselves, too.
    if (outcome.status !== 'completed') void publish(endChannel, `${outcome.job_id}.${outcome.run}`).catch(() => undefined);
    await settle(context, outcome);
    return outcome;
  }

  const artifactOf = async (context: RunContext, noun: string) => contexts.artifactNamed(context, noun, await state.done(context.ref));

  async function toOutcome(context: RunContext, end: Pick<Outcome, 'status' | 'error'>): Promise<Outcome> {
    const { manifest, run, ref } = context;
    const nodes = await state.nodes(ref);
    const summary =
      end.status === 'completed'
        ? await summarize(context, nodes, (noun) => artifactOf(context, noun))
        : { outputs: [], warnings: [], degraded: false, report: null };
    return {
      v: 1,
      job_id: manifest.id,
      run: run.number,
      revision: run.revision,
      finished_at: new Date().toISOString(),
      event_id: createId('evt'),
      stages: toStageViews(context, nodes, await state.done(ref), end.status),
      usage: toUsage(context, nodes, summary.outputs),
      ...end,
      ...summary,
    };
  }

  /** Everything that follows from an outcome. Repeated by the reconciler until the open marker is gone. */
  async function settle(context: RunContext, outcome: Outcome): Promise<void> {
    const { manifest, ref } = context;
    const degraded = { type: 'job.degraded', data: { job_id: manifest.id, warnings: outcome.warnings } };
    await state.transition({ ...ref, tenant: manifest.tenant }, outcome.status, [...(outcome.degraded ? [degraded] : []), toEnd(outcome)]);
    await fileEarlier(manifest, outcome);
    if (outcome.degraded) await outbox.fileEvent(manifest, 'job.degraded', String(outcome.run));
    await outbox.fileOutcome(manifest, outcome);
    await Promise.all([state.retire(ref, fanOutsOf(context)), records.closeJob(manifest.tenant, manifest.id)]);
    if (manifest.batch_id) await batches.conclude(manifest.tenant, manifest.batch_id);
  }

  /** What was said on the way is filed again, where a death came between the fact and its webhook: late, but told. */
  async function fileEarlier(manifest: Manifest, { run, stages }: Outcome): Promise<void> {
    if (run === 1) await outbox.fileEvent(manifest, 'job.created', '1', { late: true });
    if (stages.some(({ started_at }) => started_at !== null)) await outbox.fileEvent(manifest, 'job.started', String(run), { late: true });
  }

  return {
    settle,
    complete: async (context: RunContext): Promise<void> => void (await file(context, { status: 'completed', error: null })),
    /** A run that waited for a person and got another plan ends without a word: the next run goes on for it. */
    supersede: async (context: RunContext): Promise<void> =>
      void (await records.conclude(context.manifest.tenant, await toOutcome(context, { status: 'cancelled', error: null }))),
    cancel: (context: RunContext): Promise<Outcome> => file(context, { status: 'cancelled', error: null }),
    fail: (context: RunContext, failure: { error: CutroomError; stage: string | null; attempts: number }): Promise<Outcome> =>
      file(context, { status: 'failed', error: toJobError(failure) }),
  };
}

const fanOutsOf = ({ graph }: RunContext): string[] => [...graph.values()].flatMap(({ name, fanOut }) => (fanOut ? [name] : []));

function toJobError({ error, stage, attempts }: { error: CutroomError; stage: string | null; attempts: number }): JobError {
  const { tool } = error.details;
  return {
    code: error.code,
    stage,
    message: error.message,
    hint: errorTable[error.code].advice,
    retryable: error.row.disposition !== 'fail',
    attempts,
    tool: tool ? { exit_code: tool.exit_code, stderr_tail: tool.stderr_tail } : null,
  };
}
