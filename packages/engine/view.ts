import type { OutputFile } from '#contracts/artifacts';
import type { Warning } from '#contracts/footage';
import { type JobView, terminalStatuses } from '#contracts/job';
import type { RunContext } from './context.ts';
import type { DoneStages } from './next.ts';
import { toStageViews, toUsage } from './stage-views.ts';
import type { JobState } from './state.ts';
import type { Manifest, NodeRecord, Outcome } from './types.ts';

export interface Standing {
  context: RunContext;
  state: JobState | null;
  nodes: ReadonlyMap<string, NodeRecord>;
  done: DoneStages;
  outcome: Outcome | null;
  /** Left out = it waits nowhere. */
  queue?: JobView['queue'];
  /** Outputs that can be fetched already. */
  outputs: readonly OutputFile[];
  retentionDays: number;
}

/** Pure: everything known of a job → what its owner sees. The outcome, once filed, overrules whatever Redis says. */
export function toJobView(standing: Standing): JobView {
  const { context, state, outcome } = standing;
  const { manifest, run } = context;
  const status = outcome?.status ?? openStatus(state);
  const stages = outcome?.stages ?? toStageViews(context, standing.nodes, standing.done);
  const expiresAt = outcome ? new Date(Date.parse(outcome.finished_at) + standing.retentionDays * 86_400_000).toISOString() : null;
  return {
    id: manifest.id,
    status,
    stage: terminalStatuses.includes(status)
      ? (outcome?.error?.stage ?? null)
      : (stages.find((stage) => stage.status === 'running')?.name ?? null),
    progress: status === 'completed' ? 100 : (state?.percent ?? 0),
    stages,
    queue: standing.queue ?? { position: null, eta_s: null },
    revision: run.revision,
    degraded: outcome?.degraded ?? false,
    warnings: eachOnce([...(manifest.warnings ?? []), ...(outcome?.warnings ?? [])]),
    error: outcome?.error ?? null,
    outputs: (outcome?.outputs ?? standing.outputs).map((output) => toOutputView(manifest, output, expiresAt)),
    usage: outcome?.usage ?? toUsage(context, standing.nodes, []),
    request: manifest.request,
    batch_id: manifest.batch_id,
    external_id: manifest.external_id,
    metadata: manifest.metadata,
    created_at: manifest.created_at,
    queued_at: run.created_at,
    started_at: state?.started_at ?? stages.flatMap(({ started_at }) => started_at ?? []).sort()[0] ?? null,
    finished_at: outcome?.finished_at ?? null,
    expires_at: expiresAt,
  };
}

/** The summary of a completed run repeats what was known when it was accepted; that of another does not. */
const eachOnce = (warnings: readonly Warning[]): Warning[] => [
  ...new Map(warnings.map((warning) => [`${warning.code} ${warning.stage} ${warning.message}`, warning])).values(),
];

/** A terminal status without an outcome is a memory of another run: the job is under way. */
const openStatus = (state: JobState | null): JobView['status'] =>
  state === null ? 'queued' : terminalStatuses.includes(state.status) ? 'processing' : state.status;

function toOutputView(manifest: Manifest, { name, kind, blob, media }: OutputFile, expires_at: string | null): JobView['outputs'][number] {
  const { bytes, sha256, content_type } = blob;
  const url = `/v1/jobs/${manifest.id}/outputs/${encodeURIComponent(name)}`;
  return { name, kind, bytes, sha256, content_type, media, url, expires_at };
}
