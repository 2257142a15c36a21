import type { z } from 'zod';
import type { Media } from '#contracts/job';
import { pipeline } from '#contracts/pipeline';
import type { JobRequest } from '#contracts/request';
import { resolveSettings, type Settings } from '#contracts/settings';
import { autoCount } from '#director/clip-windows';
import { buildGraph } from '#engine/graph';
import { unavailableFeatures } from './availability.ts';
import type { ApiContext } from './context.ts';
import { estimateJob } from './estimate.ts';
import { prepareJob, refuseImpossible } from './prepare-job.ts';
import type { ReceivedFile } from './receive-upload.ts';
import type { dryRunSchema } from './schemas.ts';

type DryRun = z.infer<typeof dryRunSchema>;

export interface PreviewWish {
  tenant: string;
  request: JobRequest;
  received: { file: ReceivedFile } | null;
  signal: AbortSignal;
}

/** What a job would do, make and cost. Nothing is created; an uploaded file is looked at and forgotten. */
export async function previewJob(context: ApiContext, { tenant, request, received, signal }: PreviewWish): Promise<DryRun> {
  if (!received) {
    const { job, asset } = await prepareJob(context, { tenant, request, batchId: null });
    return toDryRun(context, job.settings, asset?.media ?? null);
  }
  const media = await context.inspect(received.file.path, { signal });
  const profile = request.profile === undefined ? {} : await context.profiles.need(tenant, request.profile);
  const settings = { ...resolveSettings(request, received.file.name, profile), ai: context.ai, research: context.research };
  await refuseImpossible(context, settings, media);
  return toDryRun(context, settings, media);
}

function toDryRun({ prices }: Pick<ApiContext, 'prices'>, settings: Settings, media: Media | null): DryRun {
  return {
    stages: [...buildGraph(pipeline, settings).values()].map(({ name, pool }) => ({ name, pool })),
    outputs: expectedOutputs(settings, media),
    estimate: estimateJob(settings, media, prices),
    warnings: unavailableFeatures(settings, media),
  };
}

/** As many as asked for; left to us, about one a minute, as the director makes them. */
function clipNames({ clips }: Settings, media: Media | null): string[] {
  if (clips === null) return [];
  const count = clips.count === 'auto' ? autoCount(media?.duration_s ?? 0) : clips.count;
  return Array.from({ length: count }, (_, index) => [`clip-${index + 1}.mp4`, `clip-${index + 1}.json`]).flat();
}

/** Pure: the files a job with these settings ends with, by name. */
export function expectedOutputs(settings: Settings, media: Media | null): DryRun['outputs'] {
  const sound = media === null || media.audio !== null;
  const words = settings.transcript !== null || sound;
  const some = (kind: string, wanted: boolean, names: string[]) => (wanted ? names.map((name) => ({ name, kind })) : []);
  const thumbnails = Array.from({ length: settings.thumbnails?.count ?? 0 }, (_, index) => `thumbnail-${index + 1}.jpg`);
  return [
    ...some('video', true, ['video.mp4']),
    ...some('preview', settings.preview, ['preview.mp4']),
    ...some('audio', sound, ['audio.m4a']),
    ...some('thumbnail', true, thumbnails),
    ...some(
      'captions',
      words,
      (settings.captions?.formats ?? []).map((format) => `captions.${format}`),
    ),
    ...some('clip', true, clipNames(settings, media)),
    ...some('metadata', settings.metadata, ['metadata.json']),
    ...some('plan', true, ['plan.json']),
    ...some(
      'interchange',
      true,
      settings.interchange.map((format) => `edit.${format}`),
    ),
    ...some('report', true, ['report.json']),
  ];
}
