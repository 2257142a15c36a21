import type { EventType } from '#contracts/request';
import type { Endpoint, Endpoints } from './endpoints.ts';
import type { PageRequest } from './engine.ts';
import type { IndexStore } from './index-store.ts';
import type { Delivery, Outbox } from './outbox.ts';
import type { Page } from './types.ts';

type Wish = { url: string; events: EventType[]; description: string | null; enabled: boolean };
type Filter = { endpoint_id?: string | undefined; status?: 'pending' | 'delivered' | 'failed' | undefined };

/** Endpoints and deliveries as their owner sees them; secrets are told once, when they are made. */
export function createWebhooks({ endpoints, index, outbox }: { endpoints: Endpoints; index: IndexStore; outbox: Outbox }) {
  const withSecret = (endpoint: Endpoint) => ({ endpoint: toEndpointView(endpoint), secret: endpoint.secrets[0]?.secret ?? '' });

  return {
    endpoints: {
      create: async (tenant: string, id: string, { url, events, description, enabled }: Wish) =>
        withSecret(await endpoints.create({ tenant, id, url, events: toFilter(events), description: description ?? '', enabled })),
      get: async (tenant: string, id: string) => toViewOrNull(await endpoints.get(tenant, id)),
      list: async (tenant: string) => (await endpoints.list(tenant)).map(toEndpointView),
      update: async (tenant: string, id: string, { events, description, ...rest }: Partial<Wish>) => {
        const change = {
          ...rest,
          ...(events && { events: toFilter(events) }),
          ...(description !== undefined && { description: description ?? '' }),
        };
        return toViewOrNull(await endpoints.update(tenant, id, change));
      },
      remove: endpoints.remove,
      rotate: async (tenant: string, id: string) => {
        const endpoint = await endpoints.rotate(tenant, id);
        return endpoint && withSecret(endpoint);
      },
    },
    defaultSecret: endpoints.defaultSecret,
    deliveries: {
      /** Newest first. A filter is applied while pages are read, so a page may need several looks at the index. */
      async list(tenant: string, filter: Filter, page: PageRequest): Promise<Page<DeliveryView>> {
        const data: DeliveryView[] = [];
        for (let cursor = page.cursor; ; ) {
          const ids = await index.list(tenant, 'deliveries', { limit: page.limit, cursor });
          for (const id of ids.data) {
            const delivery = await outbox.get(tenant, id);
            cursor = id;
            if (delivery && matches(delivery, filter)) data.push(toDeliveryView(delivery));
            if (data.length === page.limit) return { data, has_more: true, next_cursor: id };
          }
          if (!ids.has_more) return { data, has_more: false, next_cursor: null };
        }
      },
      replay: async (tenant: string, id: string) => {
        const delivery = await outbox.replay(tenant, id);
        return delivery && toDeliveryView(delivery);
      },
    },
  };
}

const toFilter = (events: EventType[]): EventType[] | null => (events.length === 0 ? null : events);
const toViewOrNull = (endpoint: Endpoint | null) => endpoint && toEndpointView(endpoint);
const toEndpointView = ({ id, url, events, description, enabled, disabled_reason, created_at }: Endpoint) => ({
  id,
  url,
  events: events ?? [],
  description: description || null,
  enabled,
  disabled_reason,
  created_at,
});

export type DeliveryView = ReturnType<typeof toDeliveryView>;

function toDeliveryView({ id, endpoint_id, url, event_id, type, job_id, status, attempts, next_at, created_at }: Delivery) {
  return {
    id,
    endpoint_id: endpoint_id ?? 'default',
    url,
    event_id,
    event_type: type as string,
    job_id,
    status: toPublicStatus(status),
    attempts: attempts.map(({ at, status: code, duration_ms, error }) => ({ at, status: code, duration_ms, error })),
    next_attempt_at: next_at,
    created_at,
  };
}

const toPublicStatus = (status: Delivery['status']) => (status === 'disabled' ? ('failed' as const) : status);

const matches = (delivery: Delivery, { endpoint_id, status }: Filter): boolean =>
  (!endpoint_id || (delivery.endpoint_id ?? 'default') === endpoint_id) && (!status || toPublicStatus(delivery.status) === status);
