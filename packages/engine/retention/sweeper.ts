import { timeOf } from '#contracts/ids';
import type { IndexStore } from '../index-store.ts';
import { keysBelow } from '../keys-below.ts';
import { layout } from '../layout.ts';
import type { Delivery } from '../outbox.ts';
import type { RunState } from '../state.ts';
import { tenantsOf } from '../tenants.ts';
import type { AssetRecord, Manifest } from '../types.ts';
import { idsBelow, type Marked, type MarkParts, mark, type Policy } from './mark.ts';
import { createQuarantine } from './quarantine.ts';

export interface SweeperParts extends MarkParts {
  index: IndexStore;
  state: RunState;
  policy: Policy;
  now: () => number;
  /** The disk is nearly full: no waiting, and no pieces but those of open jobs. */
  isTight: () => Promise<boolean>;
}

export interface Swept {
  jobs: number;
  assets: number;
  artifacts: number;
  blobs: number;
  records: number;
}

const dayMs = 86_400_000;
/** Nothing younger is judged: what names it may be on the way. */
const graceMs = dayMs;
/** An answer that is kept under an Idempotency-Key is promised for a day. */
const answersMs = 2 * dayMs;
const deliveriesMs = 30 * dayMs;

export type Sweeper = ReturnType<typeof createSweeper>;

/** Removes what has served its time. Never what an open job references, nor what is too young to be judged. */
export function createSweeper({ index, state, policy, now, isTight, ...parts }: SweeperParts) {
  const { storage } = parts;
  const quarantine = createQuarantine(storage);

  async function removeJob(manifest: Manifest): Promise<void> {
    const { tenant, id } = manifest;
    await storage.delete(layout.job(tenant, id));
    parts.records.forget(tenant, id);
    await index.removeJob(manifest);
    await state.forget(id);
  }

  async function removeAsset({ tenant, id }: AssetRecord): Promise<void> {
    await storage.delete(layout.asset(tenant, id));
    await index.remove(tenant, 'assets', id);
  }

  /** Starts, ends and approvals of jobs that are no more: also those whose sweep was broken off. */
  async function removeRecords(tenant: string, { keptJobs }: Marked, nowMs: number): Promise<number> {
    let removed = 0;
    for (const prefix of [layout.runs(tenant), layout.outcomes(tenant), layout.approvals(tenant)]) {
      for await (const name of idsBelow(storage, prefix)) {
        const id = name.slice(0, name.indexOf('.'));
        if (keptJobs.has(id) || timeOf(id) + graceMs > nowMs || (await storage.stat(layout.job(tenant, id)))) continue;
        await storage.delete(`${prefix}${name}${prefix === layout.approvals(tenant) ? '' : '.json'}`);
        removed++;
      }
    }
    return removed;
  }

  async function removeDeliveries(tenant: string, nowMs: number): Promise<number> {
    let removed = 0;
    for await (const id of idsBelow(storage, layout.deliveries(tenant))) {
      if (timeOf(id) + deliveriesMs > nowMs) return removed; // ids are in the order of time
      const bytes = await storage.get(layout.delivery(tenant, id));
      if (bytes && (JSON.parse(bytes.toString()) as Delivery).status === 'pending') continue;
      await storage.delete(layout.delivery(tenant, id));
      await index.remove(tenant, 'deliveries', id);
      removed++;
    }
    return removed;
  }

  async function removeBatches(tenant: string, nowMs: number): Promise<number> {
    let removed = 0;
    for await (const id of idsBelow(storage, layout.batches(tenant))) {
      if (timeOf(id) + policy.retentionMs + dayMs > nowMs) return removed;
      if (await storage.stat(layout.openBatch(id, tenant))) continue;
      await storage.delete(layout.batch(tenant, id));
      await storage.delete(layout.batchEnd(tenant, id));
      removed++;
    }
    return removed;
  }

  async function removeAnswers(tenant: string, nowMs: number): Promise<number> {
    let removed = 0;
    for await (const key of keysBelow(storage, layout.answers(tenant))) {
      const found = await storage.stat(key);
      if (!found || found.modifiedMs + answersMs > nowMs) continue;
      await storage.delete(key);
      removed++;
    }
    return removed;
  }

  /** Everything below `prefix` that nobody needs goes into quarantine, and after its time there for good. */
  async function sweepBelow(prefix: string, kept: ReadonlySet<string>, rules: Policy & { nowMs: number }): Promise<number> {
    for await (const key of quarantine.waiting(prefix)) if (kept.has(key)) await quarantine.leave(key);
    let removed = 0;
    for await (const key of keysBelow(storage, prefix)) {
      if (kept.has(key)) continue;
      const found = await storage.stat(key);
      if (!found || found.modifiedMs + graceMs > rules.nowMs) continue;
      const sinceMs = await quarantine.enter(key, rules.nowMs);
      if (sinceMs + rules.quarantineMs <= rules.nowMs && (await quarantine.end(key))) removed++;
    }
    return removed;
  }

  async function sweepTenant(tenant: string, rules: Policy & { nowMs: number }, signal: AbortSignal): Promise<Swept> {
    const { nowMs } = rules;
    const marked = await mark(parts, tenant, { policy: rules, nowMs });
    for (const manifest of marked.expiredJobs) await removeJob(manifest);
    for (const asset of marked.expiredAssets) await removeAsset(asset);
    const records =
      (await removeRecords(tenant, marked, nowMs)) +
      (await removeDeliveries(tenant, nowMs)) +
      (await removeBatches(tenant, nowMs)) +
      (await removeAnswers(tenant, nowMs));
    signal.throwIfAborted();
    const artifacts = await sweepBelow(layout.artifacts(tenant), marked.kept, rules);
    const blobs = await sweepBelow(layout.blobs(tenant), marked.kept, rules);
    return { jobs: marked.expiredJobs.length, assets: marked.expiredAssets.length, artifacts, blobs, records };
  }

  /** One look at everything. Rejects with the signal's reason between two tenants' steps. */
  return async function sweep(signal: AbortSignal): Promise<Swept> {
    const rules = { ...policy, ...((await isTight()) && { piecesMs: 0, quarantineMs: 0 }), nowMs: now() };
    const sum: Swept = { jobs: 0, assets: 0, artifacts: 0, blobs: 0, records: 0 };
    for await (const tenant of tenantsOf(storage)) {
      signal.throwIfAborted();
      const swept = await sweepTenant(tenant, rules, signal);
      for (const key of Object.keys(sum) as (keyof Swept)[]) sum[key] += swept[key];
    }
    return sum;
  };
}
