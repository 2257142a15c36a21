import { buildClipList } from '#media/render/clip-list';
import type { Stage } from '../stage.ts';

export const runCutClips: Stage<'cut-clips'> = async ({ source, plan, audio, settings }, { media }) =>
  buildClipList({ source, plan, audio, settings, capabilities: media.capabilities });
