import type { Storage } from '#storage/storage';
import type { Contexts, RunContext } from '../context.ts';
import { keysBelow } from '../keys-below.ts';
import { layout } from '../layout.ts';
import type { Records } from '../records.ts';
import type { AssetRecord, Manifest, Outcome } from '../types.ts';
import { blobsIn, type Reference, referencesOf } from './references.ts';

export interface Policy {
  /** Ended jobs with their outputs, and assets after their last use. */
  retentionMs: number;
  /** Pieces of ended jobs: what makes the next revision cheap. */
  piecesMs: number;
  /** Of them, the newest that fit, for each tenant. */
  maxPieceBytes: number;
  /** Between the first look that finds nobody who needs it, and the end. */
  quarantineMs: number;
}

export interface Marked {
  /** Storage keys of artifact records and blobs that somebody needs. */
  kept: Set<string>;
  keptJobs: Set<string>;
  expiredJobs: Manifest[];
  expiredAssets: AssetRecord[];
}

export interface MarkParts {
  storage: Storage;
  records: Records;
  contexts: Contexts;
}

/** What of a tenant's is needed at this moment: by open jobs everything, by ended ones what their age allows, by assets their bytes. */
export async function mark(parts: MarkParts, tenant: string, { policy, nowMs }: { policy: Policy; nowMs: number }): Promise<Marked> {
  const { storage, records, contexts } = parts;
  const marked: Marked = { kept: new Set(), keptJobs: new Set(), expiredJobs: [], expiredAssets: [] };
  const usedAssets = new Set<string>();
  const pieces: Pieces[] = [];

  for await (const id of idsBelow(storage, layout.jobs(tenant))) {
    const manifest = await records.manifest(tenant, id);
    if (!manifest) continue;
    const context = await contexts.open(tenant, id, await records.latestRun(manifest));
    const outcome = context && (await records.outcome(tenant, id, context.run.number));
    const endedMs = outcome && !(await isOpen(storage, manifest)) ? Date.parse(outcome.finished_at) : null;
    if (endedMs !== null && endedMs + policy.retentionMs <= nowMs) marked.expiredJobs.push(manifest);
    else if (context) await keep(context, outcome, endedMs);
  }

  async function keep(context: RunContext, outcome: Outcome | null, endedMs: number | null): Promise<void> {
    const { manifest } = context;
    marked.keptJobs.add(manifest.id);
    if (manifest.asset_id) usedAssets.add(manifest.asset_id);
    for (const { key } of blobsIn([{ key: 'blob' in manifest.input ? manifest.input.blob : '' }, outcome])) marked.kept.add(key);
    const references = await referencesOf(storage, contexts, context);
    const items = references.filter(({ isItem }) => isItem);
    add(marked.kept, endedMs === null ? references : references.filter(({ isItem }) => !isItem));
    if (endedMs !== null && endedMs + policy.piecesMs > nowMs) pieces.push({ endedMs, items });
  }

  for (const { items } of newestThatFit(pieces, policy.maxPieceBytes)) add(marked.kept, items);

  for await (const id of idsBelow(storage, layout.assets(tenant))) {
    const bytes = await storage.get(layout.asset(tenant, id));
    const asset = bytes && (JSON.parse(bytes.toString()) as AssetRecord);
    if (!asset) continue;
    const isOver = asset.expires_at !== null && Date.parse(asset.expires_at) <= nowMs && !usedAssets.has(id);
    if (isOver) marked.expiredAssets.push(asset);
    else marked.kept.add(asset.blob);
  }
  return marked;
}

interface Pieces {
  endedMs: number;
  items: Reference[];
}

/** Pure: whole jobs, the newest first, as long as their blobs fit together; a blob that several share counts once. */
export function newestThatFit(pieces: readonly Pieces[], maxBytes: number): Pieces[] {
  const seen = new Set<string>();
  let total = 0;
  return pieces
    .toSorted((a, b) => b.endedMs - a.endedMs)
    .filter(({ items }) => {
      for (const { key, bytes } of items.flatMap(({ blobs }) => blobs)) {
        if (!seen.has(key)) total += bytes;
        seen.add(key);
      }
      return total <= maxBytes;
    });
}

function add(kept: Set<string>, references: readonly Reference[]): void {
  for (const { at, blobs } of references) for (const key of [at, ...blobs.map((blob) => blob.key)]) kept.add(key);
}

const isOpen = async (storage: Storage, { id, tenant }: Manifest): Promise<boolean> =>
  (await storage.stat(layout.openJob(id, tenant))) !== null;

export async function* idsBelow(storage: Storage, prefix: string): AsyncGenerator<string> {
  for await (const key of keysBelow(storage, prefix)) yield key.slice(prefix.length).replace(/\.json$/, '');
}
