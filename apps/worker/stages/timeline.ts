import { availableParallelism, totalmem } from 'node:os';
import { fitToLimits } from '#media/render/fit-limits';
import { countFrames } from '#media/render/pieces';
import { buildTimeline } from '#media/render/timeline';
import type { Stage } from '../stage.ts';

/** No job may want more than this of the machine: it would wait for ever. */
const machineShare = 0.8;

/** `piecesAtOnce` = encodes that one worker runs beside each other; the job's memory is shared between them. */
export function createTimeline({ piecesAtOnce }: { piecesAtOnce: number }): Stage<'timeline'> {
  return async ({ facts, source, plan, video_signals, settings }, { media }) => {
    const machine = { cpus: availableParallelism(), pieces: piecesAtOnce };
    const max_memory_mb = Math.min(settings.limits.max_memory_mb, Math.floor((machineShare * totalmem()) / 1e6));
    const limited = { ...settings, limits: { ...settings.limits, max_memory_mb } };
    const fitted = fitToLimits({ settings: limited, video: source.video, frames: countFrames(plan.keep), machine });
    const wish = { ...settings, ...fitted.settings };
    const input = { source, container: facts.container, plan, videoSignals: video_signals, settings: wish };
    const timeline = buildTimeline({ ...input, capabilities: media.capabilities });
    return { ...timeline, warnings: [...timeline.warnings, ...fitted.warnings] };
  };
}
