import { buildTimeline } from '#media/timeline';
import type { Stage } from '../stage.ts';

export const runTimeline: Stage<'timeline'> = async ({ facts, source, plan, video_signals, settings }, { media }) =>
  buildTimeline({ source, container: facts.container, plan, videoSignals: video_signals, settings, capabilities: media.capabilities });
