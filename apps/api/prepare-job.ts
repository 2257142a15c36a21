import { CutroomError } from '#contracts/errors';
import type { Warning } from '#contracts/footage';
import type { Media } from '#contracts/job';
import type { JobRequest } from '#contracts/request';
import { resolveSettings, type Settings } from '#contracts/settings';
import type { NewJob } from '#engine/engine';
import type { AssetRecord } from '#engine/types';
import { softwareEncoders } from '#media/render/encoder';
import { unavailableFeatures } from './availability.ts';
import type { ApiDeps } from './deps.ts';
import { nameOfUrl } from './fetch-url.ts';
import type { Profiles } from './profiles.ts';
import type { Templates } from './templates.ts';

export interface PreparedJob {
  job: NewJob & { warnings: Warning[] };
  asset: AssetRecord | null;
}

export interface JobWish {
  tenant: string;
  request: JobRequest;
  batchId: string | null;
}

/** A valid request → everything the engine needs, or the reason why it cannot be done. Nothing is written. */
export async function prepareJob(
  deps: ApiDeps & { profiles: Profiles; templates: Templates },
  { tenant, request, batchId }: JobWish,
): Promise<PreparedJob> {
  const asset = 'asset_id' in request.input ? await findAsset(deps, tenant, request.input.asset_id) : null;
  if ('url' in request.input) await at('/input/url', () => deps.checkUrl((request.input as { url: string }).url, 'fetch'));
  if (request.webhook) await at('/webhook/url', () => deps.checkUrl(request.webhook?.url ?? '', 'webhook'));
  if (request.transcript) await at('/transcript', async () => deps.checkTranscript(request.transcript ?? { words: [] }));
  const profile = request.profile === undefined ? {} : await deps.profiles.need(tenant, request.profile);
  const wished = resolveSettings(request, asset?.name ?? nameOf(request), profile);
  const templates = wished.thumbnails && (await deps.templates.ranking(tenant));
  const settings = { ...wished, ai: deps.ai, research: deps.research, templates };
  await refuseImpossible(deps, settings, asset?.media ?? null);
  const priority = request.priority ?? profile.priority ?? 'normal';
  return { job: toNewJob({ tenant, request, batchId, settings, asset, priority }), asset };
}

async function findAsset({ engine }: ApiDeps, tenant: string, id: string): Promise<AssetRecord> {
  const asset = await engine.assets.get(tenant, id);
  if (!asset) throw pointed(new CutroomError('ASSET_NOT_FOUND', 'No asset has this id.'), '/input/asset_id');
  return asset;
}

/** What no version of this job could do, or the encoders at hand cannot: said before anything is made. */
export async function refuseImpossible(
  { machine }: Pick<ApiDeps, 'machine'>,
  { output: { codec } }: Settings,
  media: Media | null,
): Promise<void> {
  if (media && !media.video) throw pointed(new CutroomError('SOURCE_HAS_NO_VIDEO', 'The asset is sound only.'), '/input/asset_id');
  if (codec === 'h264') return; // without it no process starts
  const { encoders } = await machine();
  const encoder = softwareEncoders[codec];
  if (encoders.includes(encoder)) return;
  const detail = `This ffmpeg has no ${encoder}; use h264, or install a full build.`;
  throw pointed(new CutroomError('CAPABILITY_MISSING', detail), '/output/codec');
}

interface Parts {
  tenant: string;
  request: JobRequest;
  batchId: string | null;
  settings: Settings;
  asset: AssetRecord | null;
  priority: NewJob['priority'];
}

function toNewJob({ tenant, request, batchId, settings, asset, priority }: Parts): PreparedJob['job'] {
  return {
    tenant,
    request,
    settings,
    input: asset
      ? { sha256: asset.sha256, blob: asset.blob, bytes: asset.bytes }
      : { url: 'url' in request.input ? request.input.url : '' },
    asset_id: asset?.id ?? null,
    priority,
    batch_id: batchId,
    external_id: request.external_id ?? null,
    metadata: request.metadata ?? {},
    webhook: request.webhook
      ? { url: request.webhook.url, events: request.webhook.events ?? ['job.completed', 'job.failed', 'job.cancelled'] }
      : null,
    warnings: unavailableFeatures(settings, asset?.media ?? null),
  };
}

const nameOf = ({ input }: JobRequest): string => ('url' in input ? nameOfUrl(input.url) : 'video');

async function at(pointer: string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    throw error instanceof CutroomError ? pointed(error, pointer) : error;
  }
}

function pointed(error: CutroomError, pointer: string): CutroomError {
  if (error.details.errors) return error;
  return new CutroomError(error.code, { ...error.details, errors: [{ pointer, detail: error.details.detail }] });
}
