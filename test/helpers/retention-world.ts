import { createId } from '#contracts/ids';
import type { Settings } from '#contracts/settings';
import { createArtifacts } from '#engine/commit';
import { createContexts, type RunContext } from '#engine/context';
import type { StageSpec } from '#engine/graph';
import type { IndexStore } from '#engine/index-store';
import { layout } from '#engine/layout';
import { createRecords, toFirstRun } from '#engine/records';
import type { Policy } from '#engine/retention/mark';
import { createSweeper } from '#engine/retention/sweeper';
import type { RunState } from '#engine/state';
import type { AssetRecord, Manifest, NodeStats, Outcome } from '#engine/types';
import { createMemoryStorage } from '#storage/memory';

export const dayMs = 86_400_000;
export const policy: Policy = { retentionMs: 30 * dayMs, piecesMs: 7 * dayMs, maxPieceBytes: 1e9, quarantineMs: dayMs };

/** A job as the model wants it. */
export interface WantedJob {
  /** Which of a few footages; jobs of one footage share artifacts. */
  footage: number;
  /** null = it has not ended. */
  endedDaysAgo: number | null;
  /** How many of its four nodes are filed. */
  filed: number;
}

const tenant = 'local';
const spec = (makes: string, reads: string[]): StageSpec<Settings> => ({
  pool: 'prepare',
  version: 1,
  makes,
  reads,
  uses: () => null,
  weight: 1,
});
const film: Record<string, StageSpec<Settings>> = {
  draft: spec('toy_draft', []),
  scene: { ...spec('toy_scene', ['toy_draft']), fanOut: { over: 'toy_draft', items: ({ scenes }: { scenes: string[] }) => scenes } },
  film: spec('toy_film', ['toy_scene']),
};
const stats: NodeStats = { wall_s: 0, cpu_s: 0, peak_memory_mb: 0, bytes_read: 0, bytes_written: 0, worker: 'toy' };

/** Jobs, assets and artifacts in a storage, and what of them a model says must be left after their time. */
export async function createWorld(nowMs: number) {
  const storage = createMemoryStorage();
  const records = createRecords(storage);
  const artifacts = createArtifacts(storage);
  const contexts = createContexts(film, records, artifacts);
  const needed = new Set<string>();
  const ago = (days: number) => new Date(nowMs - days * dayMs).toISOString();

  const blobOf = (name: string) => ({ key: layout.blob(tenant, name), bytes: 10 });
  const store = async (name: string) => {
    await storage.create(blobOf(name).key, Buffer.from(name));
    return blobOf(name);
  };

  /** Files the first `filed` nodes; gives their keys, items apart. */
  async function file(context: RunContext, footage: number, filed: number) {
    const done = new Map();
    const keys: string[] = [];
    const items: string[] = [];
    const commit = async (stageName: string, item: number | null, value: Record<string, unknown>) => {
      const stage = context.graph.get(stageName);
      if (!stage) throw new Error(stageName);
      const blob = await store(`${footage}${stageName}${item ?? ''}`);
      const address = await contexts.addressOf(context, stage, done, item === null ? undefined : `scene ${footage} ${item}`);
      const { record } = await artifacts.commit(address, { ...value, blob }, stats);
      (item === null ? keys : items).push(layout.artifact(tenant, stageName, address.key), blob.key);
      done.set(stageName, { key: address.key, digest: record.digest });
    };
    if (filed > 0) await commit('draft', null, { footage, scenes: [`scene ${footage} 0`, `scene ${footage} 1`] });
    if (filed > 1) await commit('scene', 0, {});
    if (filed > 2) await commit('scene', 1, {});
    return { keys, items };
  }

  async function addAsset(footage: number, expired: boolean): Promise<AssetRecord> {
    const { key } = await store(`footage${footage}`);
    const id = createId('ast');
    const asset = { v: 1, id, tenant, blob: key, bytes: 10, expires_at: ago(expired ? 1 : -300) } as AssetRecord;
    await storage.create(layout.asset(tenant, id), Buffer.from(JSON.stringify(asset)));
    if (!expired) for (const at of [layout.asset(tenant, id), key]) needed.add(at);
    return asset;
  }

  async function addJob({ footage, endedDaysAgo, filed }: WantedJob, asset: AssetRecord): Promise<void> {
    const id = createId('job');
    const manifest = {
      v: 1,
      id,
      tenant,
      created_at: ago(50),
      settings: { limits: { timeout_s: 60 } },
      input: { sha256: `footage${footage}`, blob: asset.blob, bytes: 10 },
      asset_id: asset.id,
    } as Manifest;
    await records.createJob(manifest);
    const context = contexts.of(manifest, toFirstRun(manifest));
    const { keys, items } = await file(context, footage, filed);
    const own = [layout.job(tenant, id), layout.asset(tenant, asset.id), asset.blob, ...keys];
    if (endedDaysAgo === null) for (const key of [...own, ...items]) needed.add(key);
    else {
      const output = await store(`output-${id}`);
      const outcome = {
        v: 1,
        job_id: id,
        run: 1,
        finished_at: ago(endedDaysAgo),
        outputs: [{ name: 'x', blob: output }],
      } as unknown as Outcome;
      await records.conclude(tenant, outcome);
      await records.closeJob(tenant, id);
      const kept = endedDaysAgo < 30 ? [...own, layout.outcome(tenant, id, 1), output.key] : [];
      for (const key of endedDaysAgo < 7 ? [...kept, ...items] : kept) needed.add(key);
    }
  }

  return {
    storage,
    needed,
    addAsset,
    addJob,
    sweep: (atMs: number, { tight = false, rules = policy } = {}) =>
      createSweeper({
        storage,
        records,
        contexts,
        index: { removeJob: async () => undefined, remove: async () => undefined } as unknown as IndexStore,
        state: { forget: async () => undefined } as unknown as RunState,
        policy: rules,
        now: () => atMs,
        isTight: async () => tight,
      })(AbortSignal.timeout(10_000)),
    left: async () => (await storage.list('t/', { limit: 100_000 })).sort(),
  };
}
