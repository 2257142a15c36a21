import { createId } from '#contracts/ids';
import type { JobStatus } from '#contracts/job';
import type { Mode } from '#contracts/request';
import type { Storage } from '#storage/storage';
import { keysBelow } from './keys-below.ts';
import { layout } from './layout.ts';
import type { Records } from './records.ts';
import type { Outcome } from './types.ts';

/** What is worth knowing of a run that has ended. */
export interface EndedRun {
  job_id: string;
  status: Extract<JobStatus, 'completed' | 'failed' | 'cancelled'>;
  mode: Mode;
  finished_at: string;
  /** From the first stage's start to the end. Null where nothing was measured: not completed, or answered from what was filed. */
  wall_s: number | null;
  /** Length of the footage; null when the report does not tell. */
  media_s: number | null;
  stages: { name: string; wall_s: number; cached: boolean; worker: string }[];
}

export type History = ReturnType<typeof createHistory>;

/** Outcomes never change, so each is read once; so many are kept in mind. */
const remembered = 20_000;
/** A job may run so long at most; its id tells when it was created, not when it ended. */
const longestMs = 24 * 3_600_000;

/** Runs of a tenant that have ended, from storage. Runs that were retried more than a day after their job was created are not found. */
export function createHistory(storage: Storage, records: Pick<Records, 'manifest'>) {
  const known = new Map<string, EndedRun | null>();

  async function read(tenant: string, key: string): Promise<EndedRun | null> {
    const bytes = await storage.get(key);
    const outcome = bytes && (JSON.parse(bytes.toString()) as Outcome);
    const manifest = outcome && (await records.manifest(tenant, outcome.job_id));
    return outcome && manifest ? toEndedRun(outcome, manifest.settings.mode) : null;
  }

  return {
    /** Ended at `sinceMs` or later, in the order of their jobs' creation. */
    async ended(tenant: string, sinceMs: number): Promise<EndedRun[]> {
      const runs: EndedRun[] = [];
      const prefix = layout.outcomes(tenant);
      const after = prefix + createId('job', Math.max(0, sinceMs - longestMs)).slice(0, timePrefix);
      for await (const key of keysBelow(storage, prefix, after)) {
        const run = known.get(key) ?? (await read(tenant, key));
        if (known.size < remembered) known.set(key, run);
        if (run && Date.parse(run.finished_at) >= sinceMs) runs.push(run);
      }
      return runs;
    },
  };
}

/** `job_` and the ten characters that are the time. */
const timePrefix = 14;

function toEndedRun({ job_id, status, finished_at, stages, report }: Outcome, mode: Mode): EndedRun {
  const { source, stages: lines = [] } = (report ?? {}) as { source?: { duration_s: number }; stages?: EndedRun['stages'] };
  const start = stages.flatMap(({ started_at }) => started_at ?? []).sort()[0];
  const worked = status === 'completed' && lines.some(({ cached }) => !cached);
  return {
    job_id,
    status,
    mode,
    finished_at,
    wall_s: worked && start ? (Date.parse(finished_at) - Date.parse(start)) / 1000 : null,
    media_s: source?.duration_s ?? null,
    stages: lines.map(({ name, wall_s, cached, worker }) => ({ name, wall_s, cached, worker })),
  };
}
