import { expect, it } from 'vitest';
import { createArtifacts } from '#engine/commit';
import { createContexts } from '#engine/context';
import type { StageSpec } from '#engine/graph';
import { ownKeyOf } from '#engine/next';
import { createRecords, toFirstRun } from '#engine/records';
import { referencesOf } from '#engine/retention/references';
import type { Manifest, NodeStats } from '#engine/types';
import { createMemoryStorage } from '#storage/memory';

const spec = (makes: string, reads: string[], extra: Partial<StageSpec<unknown>> = {}): StageSpec<unknown> => {
  return { pool: 'prepare', version: 1, makes, reads, uses: () => null, weight: 1, ...extra };
};
const film = {
  draft: spec('toy_draft', []),
  poster: spec('toy_poster', ['toy_draft'], { takes: { toy_draft: (draft: { title: string }) => draft.title } }),
};
const stats: NodeStats = { wall_s: 0, cpu_s: 0, peak_memory_mb: 0, bytes_read: 0, bytes_written: 0, worker: 'toy' };
const blob = { key: 't/toy/blobs/po/poster', bytes: 7 };

it('what was made from a part of a result that is good for one job alone is kept with it', async () => {
  const storage = createMemoryStorage();
  const artifacts = createArtifacts(storage);
  const contexts = createContexts(film, createRecords(storage), artifacts);
  const manifest = {
    v: 1,
    id: 'job_toy',
    tenant: 'toy',
    settings: { limits: { timeout_s: 60 } },
    created_at: new Date().toISOString(),
    input: { sha256: 'footage' },
  } as unknown as Manifest;
  const context = contexts.of(manifest, toFirstRun(manifest));
  const [draft, poster] = ['draft', 'poster'].map((name) => context.graph.get(name)!);

  const shared = await contexts.addressOf(context, draft!, new Map());
  const own = { ...shared, key: ownKeyOf(shared.key, manifest.id) };
  const { record } = await artifacts.commit(own, { title: 'The Bridge', scenes: 3 }, stats);
  const done = new Map([['draft', { key: own.key, digest: record.digest }]]);
  await artifacts.commit(await contexts.addressOf(context, poster!, done), { blob }, stats);

  const references = await referencesOf(storage, contexts, context);
  expect(references.flatMap(({ blobs }) => blobs)).toEqual([blob]);
});
