import type { OutputFile } from '#contracts/artifacts';
import type { JobEvent, JobStatus, JobView } from '#contracts/job';
import type { EditPlan } from '#contracts/plan';
import type { Batches } from './batches.ts';
import type { History } from './history.ts';
import type { AssetRecord, Manifest, Page } from './types.ts';

/** Everything but what the engine decides itself (id, times). */
export type NewJob = Omit<Manifest, 'v' | 'created_at' | 'id'> & { id?: string };

export interface JobFilter {
  status?: JobStatus | undefined;
  external_id?: string | undefined;
  batch_id?: string | undefined;
}

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

/** What programs ask of the engine. A job of another tenant is `null`, exactly as one that never was. */
export interface Engine {
  jobs: {
    /** Durable manifest → index → first stages enqueued. When it returns, the job survives everything. */
    create(job: NewJob): Promise<JobView>;
    view(tenant: string, id: string): Promise<JobView | null>;
    list(tenant: string, filter: JobFilter, page: PageRequest): Promise<Page<JobView>>;
    cancel(tenant: string, id: string): Promise<'cancelled' | 'finished' | null>;
    /** A new run that keeps what is done; `fresh` names stages whose filed artifacts are not to be used. */
    retry(tenant: string, id: string, fresh: string[]): Promise<'retried' | 'not_retryable' | null>;
    approve(tenant: string, id: string): Promise<'approved' | 'not_waiting' | null>;
    /** `etag` is the plan's digest, unquoted. */
    plan(tenant: string, id: string): Promise<{ plan: EditPlan; etag: string } | 'not_ready' | null>;
    /** A new run from an edited plan; revision and `by` are set here. */
    revise(tenant: string, id: string, plan: EditPlan, ifMatch: string): Promise<'revised' | 'conflict' | 'not_ready' | null>;
    outputs(tenant: string, id: string): Promise<OutputFile[] | null>;
    report(tenant: string, id: string): Promise<Record<string, unknown> | 'not_ready' | null>;
    /** Tool traces and stage lines of the current run, oldest first. */
    logs(tenant: string, id: string): Promise<Record<string, unknown>[] | null>;
  };
  events: {
    list(tenant: string, id: string, after: string | null): Promise<JobEvent[] | null>;
    /** From just after `after` until the job ends or the signal aborts. */
    follow(tenant: string, id: string, after: string | null, signal: AbortSignal): AsyncIterable<JobEvent>;
  };
  /** Runs that have ended, for figures over many. */
  history: History;
  batches: Pick<Batches, 'get' | 'open' | 'settle' | 'view'>;
  assets: {
    /** Files it and says `upload.completed`; to be repeated when it was broken off. */
    create(asset: AssetRecord): Promise<void>;
    get(tenant: string, id: string): Promise<AssetRecord | null>;
    list(tenant: string, page: PageRequest): Promise<Page<AssetRecord>>;
    remove(tenant: string, id: string): Promise<'removed' | 'in_use' | null>;
    /** What the footage of a tenant takes. */
    usedBytes(tenant: string): Promise<number>;
  };
}
