import { createId } from '#contracts/ids';
import type { EventType } from '#contracts/request';
import { shareTurn } from '#runtime/share-turn';
import { createWebhookSecret } from '#runtime/webhook';
import type { Storage } from '#storage/storage';
import { layout } from './layout.ts';

/** Where a tenant wants its events. `secrets` holds the one in use first; older ones sign along until they expire. */
export interface Endpoint {
  v: 1;
  id: string;
  tenant: string;
  url: string;
  /** null = all but job.progress. */
  events: EventType[] | null;
  enabled: boolean;
  description: string;
  secrets: { secret: string; expires_at: string | null }[];
  created_at: string;
  disabled_reason: string | null;
}

export type Endpoints = ReturnType<typeof createEndpoints>;

const encode = (value: unknown) => Buffer.from(JSON.stringify(value));
/** How long the secret before a rotation still signs. */
const rotationMs = 24 * 3_600_000;

export function createEndpoints(storage: Storage) {
  async function get(tenant: string, id: string): Promise<Endpoint | null> {
    const bytes = await storage.get(layout.endpoint(tenant, id));
    return bytes ? (JSON.parse(bytes.toString()) as Endpoint) : null;
  }

  async function save(endpoint: Endpoint): Promise<Endpoint> {
    await storage.put(layout.endpoint(endpoint.tenant, endpoint.id), encode(endpoint));
    return endpoint;
  }

  const list = shareTurn(async (tenant): Promise<Endpoint[]> => {
    const keys = await storage.list(layout.endpoints(tenant));
    const endpoints = await Promise.all(keys.map(async (key) => JSON.parse(String(await storage.get(key))) as Endpoint | null));
    return endpoints.filter((endpoint) => endpoint !== null);
  });

  return {
    get,
    list,

    create: (wish: Pick<Endpoint, 'tenant' | 'url' | 'events' | 'description'> & { id?: string; enabled?: boolean }): Promise<Endpoint> =>
      save({
        v: 1,
        id: createId('whe'),
        enabled: true,
        ...wish,
        secrets: [{ secret: createWebhookSecret(), expires_at: null }],
        created_at: new Date().toISOString(),
        disabled_reason: null,
      }),

    async update(
      tenant: string,
      id: string,
      change: Partial<Pick<Endpoint, 'url' | 'events' | 'description' | 'enabled'>>,
    ): Promise<Endpoint | null> {
      const endpoint = await get(tenant, id);
      return endpoint && save({ ...endpoint, ...change, disabled_reason: change.enabled ? null : endpoint.disabled_reason });
    },

    async rotate(tenant: string, id: string): Promise<Endpoint | null> {
      const endpoint = await get(tenant, id);
      const expires_at = new Date(Date.now() + rotationMs).toISOString();
      const former = endpoint?.secrets.slice(0, 1).map(({ secret }) => ({ secret, expires_at })) ?? [];
      return endpoint && save({ ...endpoint, secrets: [{ secret: createWebhookSecret(), expires_at: null }, ...former] });
    },

    async disable(tenant: string, id: string, reason: string): Promise<void> {
      const endpoint = await get(tenant, id);
      if (endpoint) await save({ ...endpoint, enabled: false, disabled_reason: reason });
    },

    remove: async (tenant: string, id: string): Promise<boolean> => {
      if (!(await get(tenant, id))) return false;
      await storage.delete(layout.endpoint(tenant, id));
      return true;
    },

    /** Signs deliveries to a job's own `webhook.url`; made once per tenant. */
    async defaultSecret(tenant: string): Promise<string> {
      const key = layout.defaultSecret(tenant);
      await storage.create(key, encode({ secret: createWebhookSecret() }));
      return (JSON.parse(String(await storage.get(key))) as { secret: string }).secret;
    },
  };
}

/** The secrets that sign now, the newest first. */
export const liveSecrets = (endpoint: Endpoint, nowMs: number): string[] =>
  endpoint.secrets.filter(({ expires_at }) => expires_at === null || Date.parse(expires_at) > nowMs).map(({ secret }) => secret);
