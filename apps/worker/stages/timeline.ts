import { availableParallelism } from 'node:os';
import { fitToLimits } from '#media/fit-limits';
import { countFrames } from '#media/pieces';
import { buildTimeline } from '#media/timeline';
import type { Stage } from '../stage.ts';

/** `piecesAtOnce` = encodes that one worker runs beside each other; the job's memory is shared between them. */
export function createTimeline({ piecesAtOnce }: { piecesAtOnce: number }): Stage<'timeline'> {
  return async ({ facts, source, plan, video_signals, settings }, { media }) => {
    const machine = { cpus: availableParallelism(), pieces: piecesAtOnce };
    const fitted = fitToLimits({ settings, video: source.video, frames: countFrames(plan.keep), machine });
    const wish = { ...settings, ...fitted.settings };
    const input = { source, container: facts.container, plan, videoSignals: video_signals, settings: wish };
    const timeline = buildTimeline({ ...input, capabilities: media.capabilities });
    return { ...timeline, warnings: [...timeline.warnings, ...fitted.warnings] };
  };
}
