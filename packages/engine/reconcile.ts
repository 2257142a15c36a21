import { CutroomError } from '#contracts/errors';
import type { RedisClient } from '#runtime/redis';
import { toBlamelessError } from '#runtime/redis-errors';
import type { Storage } from '#storage/storage';
import type { Batches } from './batches.ts';
import type { Conclude } from './conclude.ts';
import type { Contexts } from './context.ts';
import type { Flow } from './flow.ts';
import type { IndexStore } from './index-store.ts';
import { keysBelow } from './keys-below.ts';
import { layout, parseOpenKey } from './layout.ts';
import type { Opener } from './opening.ts';
import type { Outbox } from './outbox.ts';
import type { Records } from './records.ts';
import { idsBelow } from './retention/mark.ts';
import { keyPrefix, type RunState } from './state.ts';
import { tenantsOf } from './tenants.ts';

export interface ReconcileParts {
  batches: Pick<Batches, 'conclude'>;
  conclude: Conclude;
  contexts: Contexts;
  flow: Flow;
  index: IndexStore;
  open: Opener;
  outbox: Outbox;
  records: Records;
  redis: RedisClient;
  state: RunState;
  storage: Storage;
  /** Who holds the lease. */
  owner: string;
  /** Who does not come back for so long leads no more. */
  leaseMs: number;
  onRepair: (what: 'job' | 'index' | 'delivery') => void;
  onFault: (fault: unknown, key: string) => void;
  /** Age of the oldest event that nobody has tried to deliver yet; 0 = there is none. */
  onOutbox: (oldestS: number) => void;
}

const leaseKey = `${keyPrefix}:lease:reconciler`;

export type Reconciler = ReturnType<typeof createReconciler>;

/**
 * Makes the queues agree with storage again, whatever happened to Redis or to a worker between two writes.
 * One leader for economy only: two of them at once do no harm, because ids are deterministic and writes create-only.
 */
export function createReconciler(parts: ReconcileParts) {
  const {
    batches,
    conclude,
    contexts,
    flow,
    index,
    open,
    outbox,
    records,
    redis,
    state,
    storage,
    owner,
    leaseMs,
    onRepair,
    onFault,
    onOutbox,
  } = parts;

  async function isLeader(): Promise<boolean> {
    await redis.set(leaseKey, owner, 'PX', leaseMs, 'NX');
    if ((await redis.get(leaseKey)) !== owner) return false;
    await redis.pexpire(leaseKey, leaseMs);
    return true;
  }

  /** One open job: settle it if it has ended, end it if it is too late, else start what can start. */
  async function repairJob(tenant: string, id: string): Promise<void> {
    const manifest = await records.manifest(tenant, id);
    if (!manifest) return;
    const remembered = await state.job(id);
    const context = await contexts.open(tenant, id, remembered?.run ?? (await records.latestRun(manifest)));
    if (!context) return;
    const outcome = await records.outcome(tenant, id, context.run.number);
    if (outcome) return conclude.settle(context, outcome);
    if (Date.now() > Date.parse(context.run.deadline_at)) return expire(context);
    if (!remembered) await remember(context);
    await flow.advance(context);
  }

  async function expire(context: Parameters<Flow['advance']>[0]): Promise<void> {
    const seconds = context.manifest.settings.limits.timeout_s;
    await conclude.fail(context, {
      error: new CutroomError('JOB_TIMEOUT', `It was not finished ${seconds} s after it was asked for.`),
      stage: null,
      attempts: 0,
    });
  }

  async function remember(context: Parameters<Flow['advance']>[0]): Promise<void> {
    const { manifest, run } = context;
    const approved = await records.isApproved(manifest, run);
    await open({ manifest, run: { ...run, approved }, event: null });
    await flow.restore(context);
    onRepair('job');
  }

  /** A delivery whose time has come is queued again: already waiting, it stays one. */
  async function repairDelivery(tenant: string, id: string): Promise<number> {
    const delivery = await outbox.get(tenant, id);
    if (delivery?.status !== 'pending' || !delivery.next_at) {
      await storage.delete(layout.openDelivery(id, tenant));
      return 0;
    }
    await outbox.enqueue(delivery, Math.max(0, Date.parse(delivery.next_at) - Date.now()));
    return delivery.attempts.length === 0 ? (Date.now() - Date.parse(delivery.created_at)) / 1000 : 0;
  }

  async function repairDeliveries(): Promise<void> {
    let oldestS = 0;
    await sweep(layout.openDeliveries, async (tenant, id) => {
      oldestS = Math.max(oldestS, await repairDelivery(tenant, id));
    });
    onOutbox(oldestS);
  }

  async function rebuildIndexes(): Promise<void> {
    for await (const tenant of tenantsOf(storage)) {
      for await (const id of idsBelow(storage, layout.jobs(tenant))) {
        const manifest = await records.manifest(tenant, id);
        if (!manifest) continue;
        await index.addJob(manifest);
        const outcome = await records.outcome(tenant, id, await records.latestRun(manifest));
        if (outcome) await index.setStatus(tenant, id, outcome.status);
      }
      for await (const id of idsBelow(storage, layout.assets(tenant))) await index.add(tenant, 'assets', id);
      for await (const id of idsBelow(storage, layout.deliveries(tenant))) await index.add(tenant, 'deliveries', id);
    }
    await index.markBuilt();
    onRepair('index');
  }

  async function sweep(prefix: string, repair: (tenant: string, id: string) => Promise<void>): Promise<void> {
    for await (const key of keysBelow(storage, prefix)) {
      const { id, tenant } = parseOpenKey(key);
      await repair(tenant, id).catch((fault) => {
        if (toBlamelessError(fault).code === 'QUEUE_UNAVAILABLE') throw fault; // it would befall every record: the next round tries again
        onFault(fault, key);
      });
    }
  }

  return {
    /** One look at everything open. False when somebody else is at it. */
    async pass(): Promise<boolean> {
      if (!(await isLeader())) return false;
      if (!(await index.isBuilt())) await rebuildIndexes();
      await sweep(layout.openJobs, repairJob);
      await sweep(layout.openBatches, batches.conclude);
      await repairDeliveries();
      return true;
    },

    isLeader: async (): Promise<boolean> => (await redis.get(leaseKey)) === owner,

    /** Lets the next one lead at once. */
    resign: async (): Promise<void> => {
      if ((await redis.get(leaseKey)) === owner) await redis.del(leaseKey);
    },
  };
}
