import { deriveId, timeOf } from '#contracts/ids';
import type { JobView } from '#contracts/job';
import type { EventType } from '#contracts/request';
import type { Producer } from '#runtime/queue-types';
import type { Storage } from '#storage/storage';
import { type Endpoints, liveSecrets } from './endpoints.ts';
import type { IndexStore } from './index-store.ts';
import { layout } from './layout.ts';
import type { Manifest, Outcome } from './types.ts';

/** One event on its way to one address. `body` is serialised once: the bytes that were signed are the bytes that are sent. */
export interface Delivery {
  v: 1;
  id: string;
  tenant: string;
  event_id: string;
  type: EventType;
  job_id: string | null;
  /** null = the job's own webhook.url. */
  endpoint_id: string | null;
  url: string;
  body: string;
  status: 'pending' | 'delivered' | 'failed' | 'disabled';
  attempts: DeliveryAttempt[];
  next_at: string | null;
  created_at: string;
}

export interface DeliveryAttempt {
  at: string;
  outcome: string;
  status: number | null;
  duration_ms: number;
  error: string | null;
}

export interface Announcement {
  event_id: string;
  type: EventType;
  timestamp: string;
  data: unknown;
}

/** What a worker of the `deliver` pool gets. */
export interface DeliveryTask {
  tenant: string;
  delivery: string;
}

export interface OutboxParts {
  storage: Storage;
  endpoints: Endpoints;
  index: IndexStore;
  producer: Producer;
  view: (manifest: Manifest) => Promise<JobView>;
}

export type Outbox = ReturnType<typeof createOutbox>;

/** Events to deliver, as records: a worker that dies between an outcome and its webhooks loses none. */
export function createOutbox({ storage, endpoints, index, producer, view }: OutboxParts) {
  const save = (delivery: Delivery) => storage.put(layout.delivery(delivery.tenant, delivery.id), encode(delivery));

  async function get(tenant: string, id: string): Promise<Delivery | null> {
    const bytes = await storage.get(layout.delivery(tenant, id));
    return bytes ? (JSON.parse(bytes.toString()) as Delivery) : null;
  }

  async function enqueue(delivery: Delivery, delayMs: number): Promise<void> {
    const data: DeliveryTask = { tenant: delivery.tenant, delivery: delivery.id };
    await producer.enqueue('deliver', { id: entryOf(delivery), data: { ...data }, priority: 'normal', delayMs });
  }

  async function targetsOf(
    tenant: string,
    own: Manifest['webhook'],
    type: EventType,
    before = new Date().toISOString(),
  ): Promise<Target[]> {
    const subscribed = (await endpoints.list(tenant)).filter(
      ({ enabled, events, created_at }) => enabled && created_at <= before && (events?.includes(type) ?? type !== 'job.progress'), // progress is for those who ask for it
    );
    const targets = subscribed.map(({ id, url }) => ({ url, endpoint_id: id as string | null }));
    return own?.events.includes(type) ? [{ url: own.url, endpoint_id: null }, ...targets] : targets;
  }

  /** Creates the deliveries of an event; ids come from event and address, so that a repeat creates nothing new. */
  async function file(tenant: string, own: Manifest['webhook'], announcement: Announcement, jobId: string | null): Promise<void> {
    const targets = await targetsOf(tenant, own, announcement.type);
    for (const target of targets) await fileFor(target, { tenant, announcement, jobId });
  }

  async function fileFor(target: Target, { tenant, announcement, jobId }: Filing): Promise<void> {
    const { event_id, type, timestamp, data } = announcement;
    const id = deliveryIdOf(event_id, target);
    const delivery: Delivery = {
      v: 1,
      id,
      tenant,
      event_id,
      type,
      job_id: jobId,
      ...target,
      body: JSON.stringify({ type, timestamp, data }),
      status: 'pending',
      attempts: [],
      next_at: timestamp,
      created_at: timestamp,
    };
    await storage.create(layout.openDelivery(id, tenant), Buffer.alloc(0));
    await storage.create(layout.delivery(tenant, id), encode(delivery));
    await index.add(tenant, 'deliveries', id);
    await enqueue(delivery, 0);
  }

  return {
    file,
    get,
    enqueue,

    async fileOutcome(manifest: Manifest, outcome: Outcome): Promise<void> {
      const type = `job.${outcome.status}` as const;
      if ((await targetsOf(manifest.tenant, manifest.webhook, type)).length === 0) return;
      const announcement = { event_id: outcome.event_id, type, timestamp: outcome.finished_at, data: await view(manifest) };
      await file(manifest.tenant, manifest.webhook, announcement, manifest.id);
    },

    /** An event on the way; its id comes from what it says, so that saying it twice is once. `late` = for those who listened at the time. */
    async fileEvent(manifest: Manifest, type: EventType, seed: string, { late = false } = {}): Promise<void> {
      const { tenant, webhook } = manifest;
      const event_id = deriveId('evt', Date.parse(manifest.created_at), `${manifest.id} ${type} ${seed}`);
      const targets = await targetsOf(tenant, webhook, type, late ? manifest.created_at : undefined);
      const filed = await Promise.all(targets.map((target) => storage.stat(layout.delivery(tenant, deliveryIdOf(event_id, target)))));
      const missing = targets.filter((_, place) => filed[place] === null);
      if (missing.length === 0) return;
      const announcement = { event_id, type, timestamp: new Date().toISOString(), data: await view(manifest) };
      for (const target of missing) await fileFor(target, { tenant, announcement, jobId: manifest.id });
    },

    async secretsOf(delivery: Delivery): Promise<string[]> {
      if (delivery.endpoint_id === null) return [await endpoints.defaultSecret(delivery.tenant)];
      const endpoint = await endpoints.get(delivery.tenant, delivery.endpoint_id);
      return endpoint?.enabled ? liveSecrets(endpoint, Date.now()) : [];
    },

    /** Writes an attempt down and, while it is pending, plans the next one. */
    async settle(delivery: Delivery, attempt: DeliveryAttempt, end: { status: Delivery['status']; delayMs: number }): Promise<void> {
      const pending = end.status === 'pending';
      const next_at = pending ? new Date(Date.now() + end.delayMs).toISOString() : null;
      const after: Delivery = { ...delivery, status: end.status, next_at, attempts: [...delivery.attempts, attempt] };
      await save(after);
      if (pending) await enqueue(after, end.delayMs);
      else await storage.delete(layout.openDelivery(delivery.id, delivery.tenant));
      if (attempt.status === 410 && delivery.endpoint_id)
        await endpoints.disable(delivery.tenant, delivery.endpoint_id, 'answered 410 Gone');
    },

    /** Sends it once more, under the same webhook-id. */
    async replay(tenant: string, id: string): Promise<Delivery | null> {
      const delivery = await get(tenant, id);
      if (!delivery) return null;
      const again: Delivery = { ...delivery, status: 'pending', next_at: new Date().toISOString() };
      await storage.create(layout.openDelivery(id, tenant), Buffer.alloc(0));
      await save(again);
      await producer.remove('deliver', entryOf(delivery)); // the next attempt may stand there for hours yet
      await enqueue(again, 0);
      return again;
    },
  };
}

type Target = Pick<Delivery, 'url' | 'endpoint_id'>;

interface Filing {
  tenant: string;
  announcement: Announcement;
  jobId: string | null;
}

/** What one event is called on its way to one address, however often it is filed. */
const deliveryIdOf = (eventId: string, { endpoint_id, url }: Target): string =>
  deriveId('whd', timeOf(eventId), `${eventId} ${endpoint_id ?? ''} ${url}`);

/** Its next attempt in the queue. */
const entryOf = ({ id, attempts }: Delivery): string => `${id}.${attempts.length + 1}`;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
