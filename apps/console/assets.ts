import type { AssetView, JobView } from '#contracts/job';
import { read } from './api.ts';

const known = new Map<string, Promise<AssetView | null>>();

/** The footage of a job; it never changes, so it is asked for once. Null when it was deleted or is fetched from an address. */
export function assetOf({ request: { input } }: Pick<JobView, 'request'>): Promise<AssetView | null> {
  if (!('asset_id' in input)) return Promise.resolve(null);
  const id = input.asset_id;
  const found = known.get(id) ?? read<AssetView>(`/v1/assets/${encodeURIComponent(id)}`).catch(() => null);
  known.set(id, found);
  return found;
}

/** Pure: what a person calls the job. */
export function nameOf(job: Pick<JobView, 'request' | 'external_id' | 'id'>, asset: AssetView | null): string {
  if (asset) return asset.name;
  const { input } = job.request;
  if ('url' in input) return new URL(input.url).pathname.split('/').findLast(Boolean) ?? input.url;
  return job.external_id ?? job.id;
}
