import { jobStatuses } from '#contracts/job';
import type { RedisClient } from '#runtime/redis';
import type { JobFilter, PageRequest } from './engine.ts';
import { keyPrefix, statusIndexKey } from './state.ts';
import type { Page } from './types.ts';

const all = (tenant: string, kind: string) => `${keyPrefix}:idx:${tenant}:${kind}`;
const byExternal = (tenant: string, id: string) => `${keyPrefix}:idx:${tenant}:jobs:external:${id}`;
const byBatch = (tenant: string, id: string) => `${keyPrefix}:idx:${tenant}:jobs:batch:${id}`;
/** Present while the indexes are whole; gone after a wipe, which tells the reconciler to build them again. */
const builtKey = `${keyPrefix}:idx:built`;

export interface IndexedJob {
  tenant: string;
  id: string;
  external_id: string | null;
  batch_id: string | null;
}

export type IndexStore = ReturnType<typeof createIndexStore>;

/** Lists, newest first. Ids are ULIDs, so the order of names is the order of time; a cursor is the last id of the page. */
export function createIndexStore(redis: RedisClient) {
  async function page(key: string, request: PageRequest): Promise<Page<string>> {
    const from = request.cursor ? `(${request.cursor}` : '+';
    const ids = await redis.zrevrangebylex(key, from, '-', 'LIMIT', 0, request.limit + 1);
    const data = ids.slice(0, request.limit);
    const hasMore = ids.length > request.limit;
    return { data, has_more: hasMore, next_cursor: hasMore ? (data.at(-1) ?? null) : null };
  }

  return {
    async addJob(job: IndexedJob): Promise<void> {
      const pipeline = redis.pipeline().zadd(all(job.tenant, 'jobs'), 0, job.id);
      if (job.external_id) pipeline.zadd(byExternal(job.tenant, job.external_id), 0, job.id);
      if (job.batch_id) pipeline.zadd(byBatch(job.tenant, job.batch_id), 0, job.id);
      await pipeline.exec();
    },

    async removeJob(job: IndexedJob): Promise<void> {
      const pipeline = redis.pipeline().zrem(all(job.tenant, 'jobs'), job.id);
      if (job.external_id) pipeline.zrem(byExternal(job.tenant, job.external_id), job.id);
      if (job.batch_id) pipeline.zrem(byBatch(job.tenant, job.batch_id), job.id);
      for (const status of jobStatuses) pipeline.zrem(statusIndexKey(job.tenant, status), job.id);
      await pipeline.exec();
    },

    /** Several filters at once are intersected in Redis, for a second: pages stay exact. */
    async jobs(tenant: string, filter: JobFilter, request: PageRequest): Promise<Page<string>> {
      const keys = [
        ...(filter.status ? [statusIndexKey(tenant, filter.status)] : []),
        ...(filter.external_id ? [byExternal(tenant, filter.external_id)] : []),
        ...(filter.batch_id ? [byBatch(tenant, filter.batch_id)] : []),
      ];
      if (keys.length === 0) return page(all(tenant, 'jobs'), request);
      if (keys.length === 1) return page(keys[0] as string, request);
      const joined = `${keyPrefix}:idx:${tenant}:joined:${keys.join('|')}`;
      await redis
        .multi()
        .zinterstore(joined, keys.length, ...keys, 'AGGREGATE', 'MIN')
        .expire(joined, 1)
        .exec();
      return page(joined, request);
    },

    add: async (tenant: string, kind: 'assets' | 'deliveries', id: string): Promise<void> =>
      void (await redis.zadd(all(tenant, kind), 0, id)),
    remove: async (tenant: string, kind: 'assets' | 'deliveries', id: string): Promise<void> =>
      void (await redis.zrem(all(tenant, kind), id)),
    list: (tenant: string, kind: 'assets' | 'deliveries', request: PageRequest): Promise<Page<string>> => page(all(tenant, kind), request),

    setStatus: async (tenant: string, id: string, status: string): Promise<void> =>
      void (await redis.zadd(statusIndexKey(tenant, status), 0, id)),
    isBuilt: async (): Promise<boolean> => (await redis.exists(builtKey)) === 1,
    markBuilt: async (): Promise<void> => void (await redis.set(builtKey, '1')),
  };
}
