import type { WebhookDelivery, WebhookEndpoint, Webhooks } from '../../apps/api/deps.ts';

/** Endpoints in memory; deliveries are those a test puts there. */
export function createFakeWebhooks(deliveries: WebhookDelivery[] = []): Webhooks {
  const endpoints = new Map<string, { tenant: string; endpoint: WebhookEndpoint }>();
  const find = (tenant: string, id: string) => {
    const found = endpoints.get(id);
    return found?.tenant === tenant ? found : null;
  };
  let count = 0;
  return {
    endpoints: {
      async create(tenant, id, wish) {
        const endpoint: WebhookEndpoint = { id, ...wish, disabled_reason: null, created_at: new Date().toISOString() };
        endpoints.set(id, { tenant, endpoint });
        return { endpoint, secret: `whsec_${++count}` };
      },
      get: async (tenant, id) => find(tenant, id)?.endpoint ?? null,
      list: async (tenant) => [...endpoints.values()].filter((entry) => entry.tenant === tenant).map(({ endpoint }) => endpoint),
      async update(tenant, id, change) {
        const found = find(tenant, id);
        if (!found) return null;
        found.endpoint = { ...found.endpoint, ...change };
        return found.endpoint;
      },
      remove: async (tenant, id) => find(tenant, id) !== null && endpoints.delete(id),
      async rotate(tenant, id) {
        const found = find(tenant, id);
        return found && { endpoint: found.endpoint, secret: `whsec_${++count}` };
      },
    },
    defaultSecret: async () => 'whsec_default',
    deliveries: {
      list: async () => ({ data: deliveries, next_cursor: null, has_more: false }),
      replay: async (_tenant, id) => deliveries.find((delivery) => delivery.id === id) ?? null,
    },
  };
}
