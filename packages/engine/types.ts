import type { OutputFile } from '#contracts/artifacts';
import type { Warning } from '#contracts/footage';
import type { JobError, Media, StageView, Usage } from '#contracts/job';
import type { EventType, JobRequest } from '#contracts/request';
import type { Settings } from '#contracts/settings';

/** The durable record written before the 202. It never changes; what happens to a job is written beside it. */
export interface Manifest {
  v: 1;
  id: string;
  tenant: string;
  created_at: string;
  request: JobRequest;
  settings: Settings;
  /** What the first stage works on, and its identity in keys: bytes by hash, or an address that is fetched once per job. */
  input: { sha256: string; blob: string; bytes: number } | { url: string };
  asset_id: string | null;
  priority: 'low' | 'normal' | 'high';
  batch_id: string | null;
  external_id: string | null;
  metadata: Record<string, string>;
  webhook: { url: string; events: EventType[] } | null;
  /** What was known at acceptance: wishes that will not come true. */
  warnings?: Warning[];
}

/** One attempt at the whole: the first, a retry of a failure, or a plan edited by a person. `number` counts from 1. */
export interface Run {
  number: number;
  reason: 'created' | 'retry' | 'revision';
  revision: number;
  started_by: string;
  created_at: string;
  deadline_at: string;
  approved: boolean;
  /** Stages whose artifact a person supplied: stage → storage key of its record. */
  given: Record<string, { key: string; digest: string }>;
  /** Stages asked to run afresh: stage → salt. */
  salts: Record<string, string>;
}

/** How a run ended. Written once; the first record wins and every reader agrees. The terminal event is inside it. */
export interface Outcome {
  v: 1;
  job_id: string;
  run: number;
  revision: number;
  status: 'completed' | 'failed' | 'cancelled';
  finished_at: string;
  event_id: string;
  error: JobError | null;
  stages: StageView[];
  outputs: OutputFile[];
  warnings: Warning[];
  degraded: boolean;
  usage: Usage;
  report: Record<string, unknown> | null;
}

/** What is known of a node while its run is open. */
export interface NodeRecord {
  status: 'queued' | 'running' | 'done' | 'failed';
  attempts: number;
  cached: boolean;
  started_at: string | null;
  finished_at: string | null;
  stats: NodeStats | null;
}

/** What one execution cost; filed with the artifact. */
export interface NodeStats {
  wall_s: number;
  cpu_s: number;
  peak_memory_mb: number;
  bytes_read: number;
  bytes_written: number;
  worker: string;
  /** Left out where nothing was asked of a model. */
  ai?: NodeAi;
}

/** What a node asked of models. */
export interface NodeAi {
  calls: number;
  tokens_in: number;
  tokens_out: number;
  usd: number;
  cache_hits: number;
  /** Why the rules decided instead; null = the model did. */
  degraded: string | null;
}

export interface AssetRecord {
  v: 1;
  id: string;
  tenant: string;
  name: string;
  bytes: number;
  sha256: string;
  blob: string;
  media: Media;
  created_at: string;
  expires_at: string | null;
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
  has_more: boolean;
}
