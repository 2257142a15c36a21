import { CutroomError } from '#contracts/errors';
import type { Pipeline, StageName } from '#contracts/pipeline';
import { toFps } from '#contracts/rational';
import type { Work } from '#engine/nodes';
import type { Manifest, NodeRecord, Outcome } from '#engine/types';
import type { MediaTools } from '#media/ffmpeg';
import type { Telemetry } from '#runtime/telemetry';
import type { StageInput } from './stage.ts';

export interface AttemptEnd {
  work: Work;
  outcome: 'done' | 'failed' | 'aborted' | 'rejected';
  record: NodeRecord;
}

export type Observer = ReturnType<typeof createObserver>;

/** What ends, in figures. */
export const createObserver = (telemetry: Telemetry) => ({
  attemptBegun({ stage, attempt }: Work): void {
    if (attempt > 1) telemetry.stages.crashes.inc({ stage: stage.name });
  },

  attemptEnded({ work, outcome, record: { stats } }: AttemptEnd): void {
    const stage = work.stage.name;
    if (!stats) return;
    telemetry.stages.duration.observe({ stage, outcome }, stats.wall_s);
    if (stats.peak_memory_mb > 0) telemetry.stages.memory.observe({ stage }, stats.peak_memory_mb * 1e6);
    if (outcome === 'aborted') telemetry.stages.handBacks.inc({ stage });
    if (outcome === 'rejected') telemetry.stages.rejectedCommits.inc({ stage, reason: 'late' });
    const mediaS = mediaSecondsOf(work);
    if (outcome === 'done' && mediaS && stats.wall_s > 0) telemetry.stages.speed.observe({ stage }, mediaS / stats.wall_s);
  },

  jobEnded(manifest: Manifest, outcome: Outcome): void {
    telemetry.jobs.total.inc({ status: outcome.status, content_type: manifest.settings.content_type });
    telemetry.jobs.duration.observe((Date.parse(outcome.finished_at) - Date.parse(manifest.created_at)) / 1000);
  },

  /** Media tools that tell of every child we had to end. */
  watch: (media: MediaTools): MediaTools => ({
    ...media,
    async run(command, options) {
      try {
        return await media.run(command, options);
      } catch (error) {
        const reason = options.signal.aborted ? String(options.signal.reason) : endedFor(error);
        if (reason) telemetry.tools.killed.inc({ reason });
        throw error;
      }
    },
  }),
});

const endedFor = (error: unknown): string | null => {
  if (!(error instanceof CutroomError)) return null;
  return { TOOL_STALLED: 'stalled', LIMIT_EXCEEDED: 'limit' }[error.code as string] ?? null;
};

/** Seconds of footage in one item of each stage that fans out; one that is missing here does not compile. */
const itemSeconds = {
  'render-chunk': ({ frames, video }: StageInput<'render-chunk'>['item']) => frames / toFps(video.fps),
  'preview-piece': ({ frames, video }: StageInput<'preview-piece'>['item']) => frames / toFps(video.fps),
  clips: ({ start_s, end_s }: StageInput<'clips'>['item']) => end_s - start_s,
} satisfies Record<FannedStage, (item: never) => number>;

type FannedStage = { [S in StageName]: Pipeline[S] extends { fanOut: object } ? S : never }[StageName];

/** Footage behind a node: an item's own, else the whole source's. */
function mediaSecondsOf({ stage, item, inputs }: Work): number | null {
  if (item !== null) return (itemSeconds as Partial<typeof itemSeconds>)[stage.name as FannedStage]?.(item as never) ?? null;
  const source = inputs['source'] as { video: { frames: number; fps: string } } | undefined;
  if (source) return source.video.frames / toFps(source.video.fps);
  return (inputs['facts'] as { duration_s: number } | undefined)?.duration_s ?? null;
}
