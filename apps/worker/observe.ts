import type { Manifest, NodeRecord, Outcome } from '#engine/types';
import type { Telemetry } from '#runtime/telemetry';

/** What ends, in figures. */
export const createObserver = (telemetry: Telemetry) => ({
  stageEnded({ stage, outcome, record }: { stage: string; outcome: string; record: NodeRecord }): void {
    const { stats } = record;
    if (!stats) return;
    telemetry.stages.duration.observe({ stage, outcome }, stats.wall_s);
    if (stats.peak_memory_mb > 0) telemetry.stages.memory.observe({ stage }, stats.peak_memory_mb * 1e6);
    if (outcome === 'aborted') telemetry.stages.handBacks.inc({ stage });
  },

  jobEnded(manifest: Manifest, outcome: Outcome): void {
    telemetry.jobs.total.inc({ status: outcome.status, content_type: manifest.settings.content_type });
    telemetry.jobs.duration.observe((Date.parse(outcome.finished_at) - Date.parse(manifest.created_at)) / 1000);
  },
});
