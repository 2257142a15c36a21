import { CutroomError } from '#contracts/errors';
import { toFps } from '#contracts/rational';
import type { Work } from '#engine/nodes';
import type { Manifest, NodeRecord, Outcome } from '#engine/types';
import type { MediaTools } from '#media/ffmpeg';
import type { Telemetry } from '#runtime/telemetry';

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

/** Footage behind a node: a piece's own, else the whole source's. */
function mediaSecondsOf({ item, inputs }: Work): number | null {
  const piece = item as { frames: number; video: { fps: string } } | null;
  if (piece) return piece.frames / toFps(piece.video.fps);
  const source = inputs['source'] as { video: { frames: number; fps: string } } | undefined;
  if (source) return source.video.frames / toFps(source.video.fps);
  return (inputs['facts'] as { duration_s: number } | undefined)?.duration_s ?? null;
}
