import type { CutroomError } from '#contracts/errors';
import type { Media } from '#contracts/job';
import type { EventType, JobRequest } from '#contracts/request';
import type { AiChoice } from '#contracts/settings';
import type { Pool } from '#contracts/stage-declaration';
import type { PriceList } from '#director/pricing';
import type { Engine, PageRequest } from '#engine/engine';
import type { Page } from '#engine/types';
import type { Logger } from '#runtime/log';
import type { RedisClient } from '#runtime/redis';
import type { Storage } from '#storage/storage';
import type { BodyPace } from './body-guard.ts';
import type { Machine } from './recommendation.ts';
import type { SpeedTrial } from './speed-trial.ts';

/** A receiver of webhooks as its owner sees it; the secret is told once, when it is made. */
export interface WebhookEndpoint {
  id: string;
  url: string;
  /** Empty = every event. */
  events: EventType[];
  description: string | null;
  enabled: boolean;
  /** Why it was switched off, when it was not its owner who did so. */
  disabled_reason: string | null;
  created_at: string;
}

export type EndpointWish = Pick<WebhookEndpoint, 'url' | 'events' | 'description' | 'enabled'>;

export interface WebhookDelivery {
  id: string;
  /** `default` for a job's own `webhook.url`. */
  endpoint_id: string;
  url: string;
  event_id: string;
  event_type: string;
  job_id: string | null;
  status: 'pending' | 'delivered' | 'failed';
  attempts: { at: string; status: number | null; duration_ms: number; error: string | null }[];
  next_attempt_at: string | null;
  created_at: string;
}

export interface DeliveryFilter {
  endpoint_id?: string | undefined;
  status?: WebhookDelivery['status'] | undefined;
}

/** Standard Webhooks as the API offers them. What belongs to another tenant is `null`, exactly as what never was. */
export interface Webhooks {
  endpoints: {
    /** `id` is chosen by the caller, so that asking twice makes one. */
    create(tenant: string, id: string, wish: EndpointWish): Promise<{ endpoint: WebhookEndpoint; secret: string }>;
    get(tenant: string, id: string): Promise<WebhookEndpoint | null>;
    list(tenant: string): Promise<WebhookEndpoint[]>;
    update(tenant: string, id: string, change: Partial<EndpointWish>): Promise<WebhookEndpoint | null>;
    remove(tenant: string, id: string): Promise<boolean>;
    /** The old secret goes on signing beside the new one for a while. */
    rotate(tenant: string, id: string): Promise<{ endpoint: WebhookEndpoint; secret: string } | null>;
  };
  /** Signs what goes to a job's own `webhook.url`. */
  defaultSecret(tenant: string): Promise<string>;
  deliveries: {
    list(tenant: string, filter: DeliveryFilter, page: PageRequest): Promise<Page<WebhookDelivery>>;
    /** The same `webhook-id`, a new timestamp. */
    replay(tenant: string, id: string): Promise<WebhookDelivery | null>;
  };
}

export interface QueueView {
  name: Pool;
  paused: boolean;
  jobs: { waiting: number; active: number; delayed: number; delayed_due: number };
  oldest_wait_s: number;
  /** Null when nobody has measured it lately. */
  backlog_media_s: number | null;
  workers: number;
}

export interface QueueDesk {
  list(): Promise<QueueView[]>;
  pause(pool: Pool): Promise<void>;
  resume(pool: Pool): Promise<void>;
  /** For the vendor's dashboard; empty = there is none. */
  handles(): unknown[];
}

export interface ReadinessCheck {
  name: string;
  ready: boolean;
  detail?: string;
}

export interface ApiMetrics {
  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  render(): Promise<{ contentType: string; text: string }>;
}

export interface ApiLimits {
  maxUploadBytes: number;
  /** Bytes of footage that one tenant may keep; null = no limit. */
  tenantQuotaBytes: number | null;
  /** Days that an asset or an output is kept after its last use. */
  retentionDays: number;
  /** Creating requests per tenant and minute; null = no limit. */
  createsPerMinute: number | null;
  /** Share of the disk that uploads leave free. */
  minFreeShare: number;
}

/** Everything the application needs, opened and closed by `main.ts` (or by a test). */
export interface ApiDeps {
  /** The models that jobs are given; null without a key. */
  ai: AiChoice | null;
  /** Who is asked for keywords and competitors; null = nobody. */
  research: string | null;
  /** What they cost, for estimates; the built-in table when left out. */
  prices?: PriceList;
  engine: Engine;
  storage: Storage;
  /** For limits that replicas share; null = each counts for itself. */
  redis: RedisClient | null;
  webhooks: Webhooks;
  queues: QueueDesk;
  metrics: ApiMetrics;
  log: Logger;
  limits: ApiLimits;
  /** Null = open: every caller is tenant `local` and may do everything. Only for loopback addresses. */
  adminKey: string | null;
  /** Where uploads arrive; best on the file system of the storage, so that filing one is a hard link. */
  uploadDir: string;
  version: string;
  /** The built console; without it `/console/` does not exist. */
  consoleDir?: string;
  /** How slowly bodies may come; default in `body-guard.ts`. */
  pace?: BodyPace;
  /** False = `/metrics` is served elsewhere. */
  serveMetrics: boolean;
  /** What a file is. Throws `SOURCE_UNREADABLE` and its kin. */
  inspect(path: string, options: { signal: AbortSignal }): Promise<Media>;
  /** Throws `TRANSCRIPT_UNREADABLE`. */
  checkTranscript(transcript: NonNullable<JobRequest['transcript']>): void;
  /** Throws `URL_NOT_ALLOWED` for an address that this service will never call. */
  checkUrl(url: string, use: 'fetch' | 'webhook'): Promise<void>;
  /** Fetches an address of a user into a new file, never more than `maxBytes`; on a fault no file stays. */
  download(options: {
    url: string;
    path: string;
    maxBytes: number;
    signal: AbortSignal;
  }): Promise<{ bytes: number; sha256: string; name: string }>;
  /** Why no work may be accepted now; null when it may. Answers from memory: it stands in the fastest path. */
  admission(): CutroomError | null;
  readiness(signal: AbortSignal): Promise<ReadinessCheck[]>;
  stats(): Promise<Record<string, unknown>>;
  /** The hardware and its ffmpeg. */
  machine(): Promise<Machine>;
  /** How fast it encodes; takes seconds the first time. */
  speedTrial(): Promise<SpeedTrial>;
}
